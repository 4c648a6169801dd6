"""End a running run before its time: somebody stopped it, or messages were switched off."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from scenarios import operations as scenarios
from scenarios.models import Switch
from scenarios.models.decisions import Reason

from ..models import Batch, Run
from .given_up import recount


def stop(run: Run, *, status: str, reason: str = Reason.RUN_CANCELLED, now: datetime) -> None:
    """Cancel the waiting batches of a run whose row is locked, and withdraw what it decided and isn't cleared.

    The caller saves the run.
    """
    # A batch that a worker has in hand is left alone: it finds the run stopped, and rolls back.
    waiting = Batch.objects.filter(run=run, status=Batch.Status.PENDING).select_for_update(skip_locked=True)
    Batch.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        status=Batch.Status.CANCELLED, finished_at=now
    )
    scenarios.withdraw_run(run.pk, reason=reason, now=now)
    recount(run)
    run.status, run.finished_at = status, now


def skip(run: Run, *, now: datetime) -> None:
    """End a run because messages are switched off: nothing of it is ever told."""
    stop(run, status=Run.Status.SKIPPED, reason=Reason.SWITCHED_OFF, now=now)
    run.error_message = _("Messages were switched off.")
    run.save(update_fields=["status", "finished_at", "error_message"])


def skip_running(*, now: datetime) -> bool:
    """Where messages are off for everybody, end every running run as skipped; return whether they are off."""
    if Switch.is_on():
        return False
    for pk in list(Run.objects.filter(status=Run.Status.RUNNING).values_list("pk", flat=True)):
        with transaction.atomic():
            run = Run.objects.select_for_update().filter(pk=pk, status=Run.Status.RUNNING).first()
            if run is not None:
                skip(run, now=now)
    return True
