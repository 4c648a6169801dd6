"""At which instant a local date was weighed, or would have been."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from . import schedule
from .models import Run

SIX = time(6)
SKIPPED = Run.Status.SKIPPED


def instant_of(day: date, *, now: datetime) -> datetime:
    """Return when a date was weighed: by its daily run, or else by the last run of that day, or else when it was due.

    Never later than now.
    """
    daily = schedule.daily_schedule()
    if daily is None or not Run.objects.filter(schedule=daily, slot_date=day).exclude(status=SKIPPED).exists():
        begins = datetime.combine(day, time.min, _zone(daily))
        runs = Run.objects.filter(invoked_at__gte=begins, invoked_at__lt=begins + timedelta(days=1)).exclude(
            status=SKIPPED
        )
        if last := runs.filter(invoked_at__lte=now).order_by("-invoked_at").first():
            return last.invoked_at
    return instants_of([day], now=now)[0]


def instants_of(days: Sequence[date], *, now: datetime) -> list[datetime]:
    """Return the instant of each date, in the same order."""
    daily = schedule.daily_schedule()
    runs = Run.objects.filter(schedule=daily, slot_date__in=days).exclude(status=SKIPPED)
    ran = dict(runs.values_list("slot_date", "invoked_at")) if daily else {}
    return [min(now, ran.get(day) or _due(daily, day)) for day in days]


def today(now: datetime) -> date:
    """Return the date in the zone of the daily schedule."""
    return now.astimezone(_zone(schedule.daily_schedule())).date()


def last_days(number: int, *, now: datetime) -> list[date]:
    """Return the last so many dates before today, oldest first."""
    return [today(now) - timedelta(days=n) for n in range(number, 0, -1)]


def _due(daily, day: date) -> datetime:
    return schedule.slot_instant(daily, day) if daily else datetime.combine(day, SIX, _zone(None))


def _zone(daily) -> ZoneInfo:
    return ZoneInfo(str(daily.crontab.timezone)) if daily else ZoneInfo("UTC")
