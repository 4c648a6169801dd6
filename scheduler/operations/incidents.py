"""Open and close incidents: what staff must hear of, once when it begins and once when it is over."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Greatest

from ..models import Incident, Run

log = logging.getLogger(__name__)
audit = logging.getLogger("peerwell.audit")


def open_incident(kind: str, *, run: Run | None = None, message: str, now: datetime) -> bool:
    """Open an incident about a run, or about none; return False where one of this kind is already open for it.

    The message is read by people: what happened and what to do, without anybody's name.
    """
    # Two who find it at once meet at the constraint: one of them opens it.
    _incident, opened = Incident.objects.get_or_create(
        kind=kind, run=run, closed_at=None, defaults={"message": message, "opened_at": now}
    )
    if opened:
        log.warning("incident %s opened, run %s", kind, run.pk if run else "-")
    return opened


def close_incidents(kinds: Iterable[str], *, run: Run | None = None, now: datetime) -> int:
    """Close what is open of these kinds, about this run or, without one, about any; return how many were."""
    still_open = Incident.objects.filter(kind__in=list(kinds), closed_at__isnull=True)
    if run is not None:
        still_open = still_open.filter(run=run)
    return still_open.update(closed_at=Greatest(now, F("opened_at")))


def deal_with(*, incident_id: int, by: str, now: datetime) -> bool:
    """Close an incident because a person says so; return False where it is over, or isn't for people to close."""
    still_open = Incident.objects.filter(pk=incident_id, kind__in=Incident.FOR_PEOPLE, closed_at__isnull=True)
    closed = still_open.update(closed_at=Greatest(now, F("opened_at")), closed_by=by)
    if closed:
        audit.info("incident %s closed by %s", incident_id, by or "-")
    return closed == 1
