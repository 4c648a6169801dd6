"""A run that the brake holds in some organisation: what that makes of it, and what it is once nothing is held."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from scenarios import operations as scenarios
from scenarios.models import Clearance

from ..models import Batch, Incident, Run
from .given_up import recount
from .incidents import close_incidents, open_incident

SAID_AT_MOST = 3


def status_of(run: Run, failed: int) -> str:
    """Return what its batches make of a finished run, so many of which failed."""
    if not failed:
        return Run.Status.SUCCESS
    return Run.Status.PARTIAL if failed < run.batches_total else Run.Status.FAILED


def hold(run: Run, parts: Sequence[Clearance], *, now: datetime) -> None:
    """Hold a finished run, whose row is locked, as long as any part of it is held; without parts, leave it alone."""
    if not parts:
        return
    run.status = Run.Status.HELD
    run.save(update_fields=["status"])
    open_incident(Incident.Kind.HELD, run=run, message=_message(parts), now=now)


def _message(parts: Sequence[Clearance]) -> str:
    said = [f"{part.organization.name}: {part.explanation}" for part in parts[:SAID_AT_MOST]]
    if more := len(parts) - len(said):
        said.append(_("And in %(count)d more organisations.") % {"count": more})
    return " ".join([*said, _("Nobody there is told until somebody releases it.")])


def settle_held(*, now: datetime) -> None:
    """Give up what waited too long, and finish the runs of which no part is held any more."""
    scenarios.expire_held(now=now)
    for pk in list(Run.objects.filter(status=Run.Status.HELD).values_list("pk", flat=True)):
        finish(pk, now=now)


@transaction.atomic
def finish(run_id: str, *, now: datetime) -> bool:
    """Give a held run the status that its batches make of it, unless a part of it is still held."""
    run = Run.objects.select_for_update().filter(pk=run_id, status=Run.Status.HELD).first()
    if run is None or Clearance.objects.filter(run_id=run_id, status=Clearance.Status.HELD).exists():
        return False
    run.status = status_of(run, run.batches.filter(status=Batch.Status.FAILED).count())
    run.save(update_fields=["status"])
    recount(run)
    close_incidents([Incident.Kind.HELD], run=run, now=now)
    return True


def part_settled(sender, run_id: str, now: datetime, **_) -> None:
    """Hear that somebody has settled a part; the tick finds out by itself a second later."""
    finish(run_id, now=now)
