"""Change or hide the record of an evaluation; what it decided is never touched."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ..models import Evaluation

audit = logging.getLogger("peerwell.audit")
Status = Evaluation.Status


class EvaluationNotFound(LookupError):
    """There is no such evaluation, or its record was deleted."""

    def __init__(self, evaluation_id: str):
        super().__init__(_("There is no evaluation “%(id)s”.") % {"id": evaluation_id})


class StatusConflict(Exception):
    """The record's state doesn't allow the status; the message says so in a sentence for people."""


@transaction.atomic
def mark_evaluation(*, evaluation_id: str, status: str, now: datetime, by: str = "") -> Evaluation:
    """Mark a record as reviewed or archived, or take such a mark away; the status it has already changes nothing.

    Raises EvaluationNotFound or StatusConflict.
    """
    evaluation = _visible(evaluation_id)
    if status == evaluation.status:
        return evaluation
    # Whether it failed isn't anybody's opinion, so nobody can say so, or the contrary.
    if status == Status.FAILED:
        raise StatusConflict(_("This evaluation did not fail."))
    if status == Status.COMPLETED and evaluation.error_message:
        raise StatusConflict(_("This evaluation failed; post the activity again to evaluate it."))
    before, evaluation.status, evaluation.updated_at = evaluation.status, status, now
    evaluation.save(update_fields=["status", "updated_at"])
    audit.info("evaluation %s: %s -> %s by %s", evaluation.pk, before, status, by or "-")
    return evaluation


@transaction.atomic
def hide_evaluation(*, evaluation_id: str, now: datetime, by: str = "") -> None:
    """Delete a record from the log; its activity and its decisions stay. Raises EvaluationNotFound."""
    evaluation = _visible(evaluation_id)
    evaluation.deleted_at = now
    evaluation.save(update_fields=["deleted_at"])
    audit.info("evaluation %s: record deleted by %s", evaluation.pk, by or "-")


def _visible(evaluation_id: str) -> Evaluation:
    found = Evaluation.objects.select_for_update().filter(pk=evaluation_id, deleted_at__isnull=True).first()
    if found is None:
        raise EvaluationNotFound(evaluation_id)
    return found
