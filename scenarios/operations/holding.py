"""What becomes of a part of a run that the brake holds: a person releases or discards it, or it expires."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from .. import signals
from ..models import Clearance, Decision
from ..models.decisions import Reason
from .deadlocks import past_deadlocks

audit = logging.getLogger("peerwell.audit")
Status = Clearance.Status


class ClearanceNotFound(LookupError):
    """There is no such clearance."""

    def __init__(self, clearance_id: int):
        super().__init__(_("There is no clearance with the ID %(id)s.") % {"id": clearance_id})


class ClearanceConflict(Exception):
    """The part isn't held any more, or never was; the message says so in a sentence for people."""


def release(clearance_id: int, *, by: str, now: datetime) -> Clearance:
    """Let a held part be told; released again, it is what it is. Raises ClearanceNotFound or ClearanceConflict."""
    return _settle(clearance_id, Status.RELEASED, by=by, now=now)


def discard(clearance_id: int, *, by: str, now: datetime) -> Clearance:
    """Give a held part up: what it decided is withdrawn. Raises ClearanceNotFound or ClearanceConflict."""
    return _settle(clearance_id, Status.DISCARDED, by=by, now=now)


def expire_held(*, now: datetime, whatever_its_age: bool = False) -> int:
    """Give up the parts that nobody has released in time; return how many."""
    waited = Clearance.objects.filter(status=Status.HELD)
    if not whatever_its_age:
        waited = waited.filter(judged_at__lte=now - Clearance.WAITS)
    return sum(_end(pk, Status.EXPIRED, by="", now=now) for pk in list(waited.values_list("pk", flat=True)))


def _settle(clearance_id: int, status: str, *, by: str, now: datetime) -> Clearance:
    # A sender may be withdrawing some of the same decisions at this moment.
    ended = past_deadlocks(lambda: _end(clearance_id, status, by=by, now=now))
    clearance = Clearance.objects.select_related("organization").filter(pk=clearance_id).first()
    if clearance is None:
        raise ClearanceNotFound(clearance_id)
    if not ended and clearance.status != status:
        raise ClearanceConflict(_not_held(clearance))
    return clearance


@transaction.atomic
def _end(clearance_id: int, status: str, *, by: str, now: datetime) -> bool:
    """Settle a part that is held; False where somebody else was quicker, or where it isn't held at all."""
    held = Clearance.objects.filter(pk=clearance_id, status=Status.HELD)
    if not held.update(status=status, settled_at=Greatest(now, F("judged_at")), settled_by=by):
        return False
    run_id, organization = Clearance.objects.values_list("run_id", "organization_id").get(pk=clearance_id)
    if status != Status.RELEASED:
        reason = Reason.EXPIRED if status == Status.EXPIRED else Reason.HELD
        Decision.objects.filter(run_id=run_id, organization=organization, outcome=Decision.Outcome.PENDING).update(
            outcome=Decision.Outcome.WITHDRAWN, outcome_reason=reason, settled_at=now
        )
    audit.info("run %s in %s: held -> %s by %s", run_id, organization, status, by or "-")
    transaction.on_commit(lambda: _ring(run_id, status, now))
    return True


def _ring(run_id: str, status: str, now: datetime) -> None:
    signals.part_settled.send(sender=None, run_id=run_id, now=now)
    if status == Status.RELEASED:
        signals.due.send(sender=None)


def _not_held(clearance: Clearance) -> str:
    if clearance.status == Status.CLEARED:
        return _("This part was never held.")
    said = {
        Status.RELEASED: _("%(who)s has already released this part."),
        Status.DISCARDED: _("%(who)s has already discarded this part."),
        Status.EXPIRED: _("This part has expired; nobody was told."),
    }[Status(clearance.status)]
    return said % {"who": clearance.settled_by or _("Somebody")}
