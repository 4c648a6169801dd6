"""What every tick looks for: a daily run that is late, work that stands still, and what has come right again.

Incidents are opened and closed by what is the case now, never by what a tick has seen happen: any tick may be missed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import schedule
from ..models import Batch, Incident, Run
from .batches import waiting
from .incidents import close_incidents, open_incident
from .planning import last_planned

LATE_AFTER = timedelta(minutes=30)
# A batch takes seconds, and ticks ring for it every second.
STANDS_STILL_AFTER = timedelta(seconds=30)


def watch(*, now: datetime) -> None:
    """Open and close the incidents that no verb opens and closes itself."""
    _watch_slots(now)
    _watch_work(now)
    _close_what_a_later_run_put_right(now)


def _watch_slots(now: datetime) -> None:
    late = late_run(now) or late_slot(now)
    if late is None:
        close_incidents([Incident.Kind.LATE], now=now)
    # One that opened before its run was there goes on while the run is late.
    elif not Incident.objects.filter(kind=Incident.Kind.LATE, closed_at__isnull=True).exists():
        run, message = late
        open_incident(Incident.Kind.LATE, run=run, message=message, now=now)


def late_run(now: datetime) -> tuple[Run, str] | None:
    """Return a daily run that should have been finished by now, and say so."""
    running = Run.objects.filter(status=Run.Status.RUNNING, schedule__crontab__isnull=False)
    for run in running.select_related("schedule__crontab").order_by("invoked_at"):
        assert run.schedule is not None and run.slot_date is not None, "the query and a constraint say so"
        due_at = schedule.slot_instant(run.schedule, run.slot_date)
        if due_at + LATE_AFTER <= now:
            said = _("The daily run was due on %(when)s and is still running: %(done)d of %(all)d batches are done.")
            return run, said % {
                "when": _local(due_at, run.schedule),
                "done": run.batches_done,
                "all": run.batches_total,
            }
    return None


def late_slot(now: datetime) -> tuple[None, str] | None:
    """Say that a slot should have had its run by now and has none."""
    for daily in schedule.daily_schedules():
        last = last_planned(daily, now)
        for day, due_at in schedule.due_slots(daily, now - LATE_AFTER)[-1:]:
            # As in planning: dates before the last planned one are not missed.
            if last is None or day > last:
                said = _("The daily run was due on %(when)s and has not started.")
                return None, said % {"when": _local(due_at, daily)}
    return None


def batches_standing(now: datetime) -> str:
    """Say that batches wait and none moves; an empty text where that isn't so."""
    before = now - STANDS_STILL_AFTER
    untouched = waiting(now).filter(Q(last_start_at__isnull=True) | Q(last_start_at__lt=before), as_of__lt=before)
    moved = Batch.objects.filter(Q(last_start_at__gte=before) | Q(finished_at__gte=before), run__status="running")
    count = untouched.count()
    if not count or moved.exists():
        return ""
    said = ngettext(
        "%(count)d batch of a run waits, but no worker takes it.",
        "%(count)d batches of a run wait, but no worker takes them.",
        count,
    )
    return said % {"count": count}


# What stands still, each told by a sentence or by none. Whoever has other work to be watched adds to it.
standing: list[Callable[[datetime], str]] = [batches_standing]


def _watch_work(now: datetime) -> None:
    messages = [said for ask in standing if (said := ask(now))]
    if messages:
        open_incident(Incident.Kind.DEAF, message=" ".join(messages), now=now)
    else:
        close_incidents([Incident.Kind.DEAF], now=now)


def _close_what_a_later_run_put_right(now: datetime) -> None:
    """Close failed and partial runs' incidents where a daily run that began later has succeeded."""
    begun = Run.objects.filter(schedule__isnull=False, invoked_at__lte=now)
    succeeded = begun.filter(status=Run.Status.SUCCESS).order_by("-invoked_at")
    Incident.objects.filter(
        kind__in=Incident.FOR_PEOPLE, closed_at__isnull=True, opened_at__lt=Subquery(succeeded.values("invoked_at")[:1])
    ).update(closed_at=Greatest(now, F("opened_at")))


def _local(instant: datetime, daily) -> str:
    zone = str(daily.crontab.timezone)
    return f"{formats.date_format(instant.astimezone(ZoneInfo(zone)), 'DATETIME_FORMAT')} ({zone})"
