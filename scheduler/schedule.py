"""The daily time: a crontab entry that staff edit, and the local dates on which it is due.

A slot is a local date. Beat doesn't decide which dates are due, since it forgets the ones it slept through.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django_celery_beat.models import PeriodicTask

DAILY_TASK = "scheduler.run_daily"
TICK_TASK = "scheduler.tick"
# Slots older than this leave no trace any more.
LOOK_BACK = timedelta(days=14)


def daily_schedule() -> PeriodicTask | None:
    """Return the one daily schedule that staff edit, enabled or not; None where its row was taken away."""
    return PeriodicTask.objects.filter(task=DAILY_TASK).select_related("crontab").order_by("pk").first()


def daily_schedules():
    """Return the enabled daily schedules."""
    return PeriodicTask.objects.filter(task=DAILY_TASK, enabled=True, crontab__isnull=False).select_related("crontab")


def slot_instant(schedule: PeriodicTask, day: date) -> datetime:
    """Return when the slot of a local date begins.

    A time that the clocks skip is the first instant after the gap; one that they repeat is its first occurrence.
    """
    crontab = schedule.crontab
    zone = ZoneInfo(str(crontab.timezone))
    local = datetime.combine(day, time(int(crontab.hour), int(crontab.minute)), zone)
    while not _exists(local):
        local += timedelta(minutes=1)
    return local.astimezone(ZoneInfo("UTC"))


def local_date(schedule: PeriodicTask, instant: datetime) -> date:
    """Return the date that an instant has in the schedule's zone."""
    return instant.astimezone(ZoneInfo(str(schedule.crontab.timezone))).date()


def due_slots(schedule: PeriodicTask, now: datetime) -> list[tuple[date, datetime]]:
    """Return the slots from the schedule's beginning, at most 14 days back, until now, oldest first."""
    zone = ZoneInfo(str(schedule.crontab.timezone))
    begins = max(schedule.start_time or schedule.date_changed, now - LOOK_BACK)
    first, last = begins.astimezone(zone).date(), now.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    slots = [(day, slot_instant(schedule, day)) for day in days]
    return [(day, instant) for day, instant in slots if begins <= instant <= now]


def next_slot(schedule: PeriodicTask, now: datetime) -> datetime:
    """Return when the schedule is due next, after `now` and after the schedule's own beginning."""
    zone = ZoneInfo(str(schedule.crontab.timezone))
    after = max(now, schedule.start_time or now)
    day = after.astimezone(zone).date()
    while (instant := slot_instant(schedule, day)) < after or instant <= now:
        day += timedelta(days=1)
    return instant


def _exists(local: datetime) -> bool:
    return local.astimezone(ZoneInfo("UTC")).astimezone(local.tzinfo).replace(fold=0) == local.replace(fold=0)
