"""Take the messages that were given up before they were released out of the numbers of past runs."""

from django.db import migrations, models

RECOUNT = """
UPDATE scheduler_run r
SET notifications_given_up = w.given_up, notifications_dispatched = greatest(r.notifications_dispatched - w.given_up, 0)
FROM (
    SELECT run_id, count(*) AS given_up
    FROM scenarios_decision
    WHERE outcome = 'withdrawn' AND outcome_reason IN ('held', 'expired', 'run_cancelled', 'switched_off')
    GROUP BY run_id
) w
WHERE w.run_id = r.id
"""


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0004_jobs"), ("scenarios", "0003_brake")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="notifications_given_up",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="messages given up"),
        ),
        migrations.RunSQL(RECOUNT, migrations.RunSQL.noop),
    ]
