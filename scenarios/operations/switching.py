"""Turn all messages off and on again."""

import logging
from datetime import datetime

from django.db import transaction

from .. import signals
from ..models import Decision, Switch
from ..models.decisions import Reason
from ..models.switch import ONLY

audit = logging.getLogger("peerwell.audit")


@transaction.atomic
def turn_messages(*, on: bool, why: str = "", by: str = "", now: datetime) -> Switch:
    """Turn the switch for everybody; turning it off says why.

    Nothing is told from the moment this is committed, but for a message that is being handed over.
    """
    switch, _created = Switch.objects.update_or_create(
        pk=ONLY, defaults={"telling_enabled": on, "why": why, "changed_by": by, "changed_at": now}
    )
    audit.info("messages turned %s by %s", "on" if on else "off", by or "-")
    if on:
        transaction.on_commit(lambda: signals.due.send(sender=None))
    return switch


def withdraw_switched_off(run_id: str, *, now: datetime) -> int:
    """Withdraw what a run decided in organisations that were switched off while it was running; return how many."""
    decisions = Decision.objects.filter(run_id=run_id, outcome=Decision.Outcome.PENDING)
    return decisions.filter(organization__telling_enabled=False).update(
        outcome=Decision.Outcome.WITHDRAWN, outcome_reason=Reason.SWITCHED_OFF, settled_at=now
    )
