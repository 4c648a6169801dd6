"""Start a run, and close it when its last batch is finished."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from scenarios import operations as scenarios
from scenarios.models import Switch, switched_off

from .. import splitting
from ..models import Run
from ..signals import batches_waiting
from .halving import what_failed
from .held import hold, status_of
from .incidents import open_incident
from .stopping import skip

# Why a slot was skipped that nobody was there to run.
MISSED = "missed"


@transaction.atomic
def start_run(
    *,
    now: datetime,
    reason: str = "",
    triggered_by: str = "",
    schedule=None,
    slot_date: date | None = None,
) -> Run | None:
    """Start a run over all mentors active as of now, cut it into batches, and ring once that is committed.

    Where messages are switched off, the run is skipped; where an organisation's are, its mentors are left out. Returns
    None where the slot already has a run: any number of callers may try at once.
    """
    run = Run(invoked_at=now, reason=reason, triggered_by=triggered_by, schedule=schedule, slot_date=slot_date)
    Run.objects.bulk_create([run], ignore_conflicts=True)
    if not Run.objects.filter(pk=run.pk).exists():
        return None
    off = switched_off()
    run.batches_total = splitting.cut(run, without=off)
    run.save(update_fields=["batches_total"])
    if not Switch.is_on() or (off and not run.batches_total):
        skip(run, now=now)
    elif run.batches_total:
        if schedule is not None:
            # What earlier runs still hold would count as told lately: one was late, or the day had 23 hours.
            scenarios.expire_held(now=now, whatever_its_age=True)
        transaction.on_commit(lambda: batches_waiting.send(sender=None, batches=run.batches_total))
    else:
        close(run, now=now)
    return run


def close(run: Run, *, now: datetime) -> None:
    """Close a running run whose batches are all finished, and clear what it decided."""
    if not Switch.is_on():
        skip(run, now=now)
        return
    failed, what = what_failed(run)
    run.status = status_of(run, failed)
    if failed:
        run.error_message = run.error_message or what
        open_incident(run.status, run=run, message=run.error_message, now=now)
    run.finished_at = now
    run.save(update_fields=["status", "error_message", "finished_at"])
    scenarios.withdraw_switched_off(run.pk, now=now)
    hold(run, scenarios.clear_run(run.pk, now=now), now=now)


def skip_slot(*, schedule, slot_date: date, slot_at: datetime, now: datetime) -> None:
    """Leave a visible trace of a slot that wasn't run; nothing happens where the slot has a run."""
    run = Run(
        status=Run.Status.SKIPPED,
        invoked_at=slot_at,
        finished_at=now,
        schedule=schedule,
        slot_date=slot_date,
        reason=MISSED,
        error_message=_("Nothing was running when this run was due; a later one took its place."),
    )
    Run.objects.bulk_create([run], ignore_conflicts=True)
