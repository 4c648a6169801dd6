"""Correct a run's record, stop a run, hide a record."""

import logging
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from scenarios.models import Decision
from scenarios.models.decisions import Reason

from ..models import Batch, Incident, Run
from .incidents import close_incidents, open_incident
from .problems import Conflict, RunNotFound
from .stopping import stop

audit = logging.getLogger("peerwell.audit")


class _Keep:
    """Stands for “leave it as it is”, where None means “none”."""


KEEP: Final = _Keep()


@transaction.atomic
def record_status(
    *, run_id: str, status: str | None = None, error_message: Any = KEEP, now: datetime, by: str = ""
) -> Run:
    """Set a run's status or error message, or both.

    `failed` and `cancelled` stop a running run: its waiting batches are cancelled, and what isn't cleared is withdrawn.
    On a finished run the record is corrected and no decision is touched. Raises RunNotFound or Conflict.
    """
    run = _visible(run_id)
    before = (run.status, run.error_message)
    if status is not None and status != run.status:
        _change_status(run, status, now)
    if error_message is not KEEP:
        run.error_message = error_message
    if before != (run.status, run.error_message):
        run.save(update_fields=["status", "error_message", "finished_at"])
        audit.info("run %s: %s -> %s by %s", run.pk, before[0], run.status, by or "-")
    return run


@transaction.atomic
def hide_run(*, run_id: str, now: datetime, by: str = "") -> None:
    """Delete a run's record from the log; its decisions, its slot and its tallies stay.

    Raises RunNotFound, or Conflict while the run is running.
    """
    run = _visible(run_id)
    if run.status == Run.Status.RUNNING:
        raise Conflict(_("This run is still running; stop it first."))
    run.deleted_at = now
    run.save(update_fields=["deleted_at"])
    audit.info("run %s: record deleted by %s", run.pk, by or "-")


def _visible(run_id: str) -> Run:
    run = Run.objects.select_for_update().filter(pk=run_id, deleted_at__isnull=True).first()
    if run is None:
        raise RunNotFound(run_id)
    return run


def _change_status(run: Run, status: str, now: datetime) -> None:
    if status == Run.Status.RUNNING:
        raise Conflict(_("A finished run can't become running again."))
    if run.status == Run.Status.HELD:
        raise Conflict(_("This run is held; release or discard it instead."))
    if run.status == Run.Status.RUNNING:
        _stop(run, status, now)
    elif status == Run.Status.SUCCESS and _was_stopped(run):
        raise Conflict(_("This run was stopped before its work was complete, so it can't become a success."))
    # Whoever says that a run failed, a program or a person, says it to everybody; and whoever corrects it, likewise.
    close_incidents(Incident.FOR_PEOPLE, run=run, now=now)
    run.status = status
    if status == Run.Status.FAILED:
        open_incident(status, run=run, message=_("It was marked as failed."), now=now)


def _was_stopped(run: Run) -> bool:
    """Tell whether batches were cancelled, or what they had decided was withdrawn when the run ended."""
    unfinished = run.batches.filter(status__in=[Batch.Status.CANCELLED, Batch.Status.PENDING])
    withdrawn = Decision.objects.filter(
        run_id=run.pk, outcome=Decision.Outcome.WITHDRAWN, outcome_reason=Reason.RUN_CANCELLED
    )
    return run.status == Run.Status.SKIPPED or unfinished.exists() or withdrawn.exists()


def _stop(run: Run, status: str, now: datetime) -> None:
    if status == Run.Status.SUCCESS:
        raise Conflict(_("This run still has batches to evaluate."))
    stop(run, status=status, now=now)
