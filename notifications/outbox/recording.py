"""What became of a message in hand. Only the holder of its lease may say so; the decision is settled with it."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from scenarios import operations
from scenarios.models import Clearance, Decision, Switch
from scenarios.models.decisions import Reason

from .. import channels
from ..models import Notification
from . import leases

Status = Notification.Status

PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
MOST_ATTEMPTS = 8
# Each of these may have reached the mentor: more copies than that would be worse than silence.
MOST_UNANSWERED = 3
GIVE_UP_AFTER = timedelta(hours=24)

NO_LEASE: dict[str, object] = {"lease_token": None, "lease_until": None, "lease_overdue": False}


def start(notification: Notification, *, now: datetime) -> bool:
    """Record that the message is about to be handed over.

    False when somebody else has it in hand by now, or where it must not be told any more: others were handed over
    since it was taken, by a mail server that may be slow, and meanwhile somebody may have said stop.
    """
    notification.attempts += 1
    return (
        _held(notification)
        .filter(tellable())
        .update(
            # It was made by another clock, which may have been ahead.
            send_started_at=Greatest(now, F("created_at")),
            attempts=notification.attempts,
            # The keeper may be late, and this one is about to leave the house.
            lease_until=leases.ends_in(leases.LENGTH),
            lease_overdue=False,
        )
        == 1
    )


def tellable() -> Q:
    """Whether nobody holds the message back, as a condition on its own row: taking it must not read an older one."""
    decision = Decision.objects.filter(
        ~Exists(
            Clearance.objects.filter(
                run_id=OuterRef("run_id"), organization=OuterRef("organization"), status=Clearance.Status.HELD
            )
        ),
        pk=OuterRef("decision_id"),
        outcome=Decision.Outcome.PENDING,
        organization__telling_enabled=True,
    )
    return Q(~Switch.off(), Exists(decision))


def sent(notification: Notification, *, now: datetime) -> bool:
    return _end(notification, Status.SENT, now=now)


def withdrawn(notification: Notification, reason: Reason, *, now: datetime) -> bool:
    """End what must not be sent any more. One that may have arrived before counts as told all the same."""
    if notification.crashes:
        return discarded(notification, str(reason.label), now=now)
    return _end(notification, Status.WITHDRAWN, why=str(reason.label), reason=reason, now=now)


def discarded(notification: Notification, why: str, *, now: datetime) -> bool:
    return _end(notification, Status.DISCARDED, why=why, reason=Reason.UNDELIVERABLE, now=now)


def failed(notification: Notification, failure: channels.Retry, *, now: datetime) -> bool:
    """Plan the next try, or give up after too many."""
    crashes = notification.crashes + failure.unknown
    return _try_again(notification, str(failure), crashes, after=_pause(notification.attempts), now=now)


def lost(notification: Notification, *, now: datetime) -> bool:
    """Have it tried again at once, or give up: that its sender has gone says nothing about who should receive it."""
    why = _("The sender stopped before it could say whether the message was handed over.")
    return _try_again(notification, why, notification.crashes + 1, after=timedelta(0), now=now)


def _try_again(notification: Notification, why: str, crashes: int, *, after: timedelta, now: datetime) -> bool:
    if notification.attempts >= MOST_ATTEMPTS or crashes >= MOST_UNANSWERED:
        return _end(notification, Status.DISCARDED, why=why, reason=Reason.UNDELIVERABLE, now=now, crashes=crashes)
    return _let_go(
        notification,
        status=Status.FAILED,
        last_error=why,
        crashes=crashes,
        due_at=now + after,
        give_up_at=notification.give_up_at or now + GIVE_UP_AFTER,
    )


def _pause(attempts: int) -> timedelta:
    """Spread the tries of messages that failed together, so that they don't come back together."""
    return PAUSES[min(attempts, len(PAUSES)) - 1] * random.uniform(1, 1.25)


def _end(notification: Notification, status: str, *, why: str = "", reason: str = "", now: datetime, **also) -> bool:
    with transaction.atomic():
        if not _let_go(notification, status=status, last_error=why, finished_at=now, **also):
            return False
        told = status != Status.WITHDRAWN
        operations.settle([notification.decision_id], told=told, reason=str(reason), now=now)
    return True


def _let_go(notification: Notification, **changes) -> bool:
    return _held(notification).update(**NO_LEASE, **changes) == 1


def _held(notification: Notification) -> QuerySet[Notification]:
    return Notification.objects.filter(pk=notification.pk, status=Status.SENDING, lease_token=notification.lease_token)
