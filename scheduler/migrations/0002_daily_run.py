"""Make the rows that beat lives on: the tick of every second, and the daily time that staff own from then on."""

from django.db import migrations
from django.utils import timezone

DAILY_TASK = "scheduler.run_daily"
TICK_TASK = "scheduler.tick"


def make_rows(apps, schema_editor):
    CrontabSchedule = apps.get_model("django_celery_beat", "CrontabSchedule")
    IntervalSchedule = apps.get_model("django_celery_beat", "IntervalSchedule")
    PeriodicTask = apps.get_model("django_celery_beat", "PeriodicTask")

    every_second, _made = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.get_or_create(
        task=TICK_TASK,
        # A tick that no worker took in time is worth nothing: the next one does the same.
        defaults={"name": "Tick", "interval": every_second, "expire_seconds": 5},
    )
    six_in_oslo, _made = CrontabSchedule.objects.get_or_create(minute="0", hour="6", timezone="Europe/Oslo")
    PeriodicTask.objects.get_or_create(
        task=DAILY_TASK,
        # Slots begin now: nothing is caught up from before the schedule was there.
        defaults={"name": "Daily run", "crontab": six_in_oslo, "start_time": timezone.now()},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("scheduler", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(make_rows, migrations.RunPython.noop)]
