"""What every tick does. Any number of callers may do it at once."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Max
from django_celery_beat.models import PeriodicTask

from scenarios import signals as scenarios

from .. import schedule
from ..models import Batch, Run
from ..signals import batches_waiting
from .batches import waiting
from .held import settle_held
from .runs import MISSED, close, skip_slot, start_run
from .stopping import skip_running

# The clocks of several machines may be so far apart without any of them being wrong.
APART = timedelta(minutes=1)


def plan_due(*, now: datetime) -> list[Run]:
    """Start the latest slot of each daily schedule that has come and has no run; older ones are marked as skipped."""
    started = []
    _forget_days_to_come(now)
    for daily in schedule.daily_schedules():
        # Dates before the last planned one are never gone back to: when staff move the time, they are not missed.
        last = last_planned(daily, now)
        slots = [(day, instant) for day, instant in schedule.due_slots(daily, now) if last is None or day > last]
        for day, instant in slots[:-1]:
            skip_slot(schedule=daily, slot_date=day, slot_at=instant, now=now)
        for day, _instant in slots[-1:]:
            if run := start_run(now=now, reason="daily", triggered_by="schedule", schedule=daily, slot_date=day):
                started.append(run)
    return started


def last_planned(daily: PeriodicTask, now: datetime) -> date | None:
    """Return the last local date until today that has a run, or was skipped.

    Later ones were planned by a clock that was ahead, and the days before them are still to come.
    """
    planned = Run.objects.filter(schedule=daily, slot_date__lte=schedule.local_date(daily, now))
    return planned.aggregate(last=Max("slot_date"))["last"]


def _forget_days_to_come(now: datetime) -> None:
    """Take back that days were missed, where a clock that was ahead said so: most of them are still to come."""
    said_later = Run.objects.filter(finished_at__gt=now + APART)
    said_later.filter(status=Run.Status.SKIPPED, reason=MISSED, batches_total=0).delete()


def reconcile(*, now: datetime) -> None:
    """Put right what a crash can leave behind, and ring for everything that waits."""
    skip_running(now=now)
    _close_finished(now)
    settle_held(now=now)
    Batch.objects.filter(status=Batch.Status.PENDING).exclude(run__status=Run.Status.RUNNING).update(
        status=Batch.Status.CANCELLED, finished_at=now
    )
    if count := waiting(now).count():
        batches_waiting.send(sender=None, batches=count)
    scenarios.due.send(sender=None)


def _close_finished(now: datetime) -> None:
    """Close runs whose batches are all finished: belt and braces, since the last batch closes its run itself."""
    runs = Run.objects.filter(status=Run.Status.RUNNING, batches_done=F("batches_total"))
    for pk in list(runs.values_list("pk", flat=True)):
        with transaction.atomic():
            run = runs.select_for_update().filter(pk=pk).first()
            if run is not None:
                close(run, now=now)
