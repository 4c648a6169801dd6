"""Who has which message in hand: taking messages, and giving them back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from scenarios import operations
from scenarios.models import Clearance, Decision, Switch
from scenarios.models.decisions import Reason

from ..models import Notification
from . import leases, recording
from .ways import Ways

Status = Notification.Status

# How long everything waits when a channel is closed altogether.
CLOSED_FOR = timedelta(minutes=1)


def claim(*, now: datetime, limit: int = 20) -> list[Notification]:
    """Take due messages in hand under one new lease; withdraw those that must not be told any more."""
    return look_again(take(now=now, limit=limit), now=now)


def take(*, now: datetime, limit: int = 20) -> list[Notification]:
    """Take due messages in hand, oldest first.

    One that may have brought its sender down is taken alone, so that it takes no other down with it.
    """
    return _lease(_due(now).filter(crashes=0)[:limit]) or _lease(_due(now).filter(crashes__gt=0)[:1])


def _due(now: datetime) -> QuerySet[Notification]:
    # What was cleared may be held by what was added to its run later.
    held = Clearance.objects.filter(
        run_id=OuterRef("decision__run_id"),
        organization=OuterRef("decision__organization"),
        status=Clearance.Status.HELD,
    )
    return (
        Notification.objects.filter(
            ~Switch.off(),
            ~Exists(held),
            status__in=Notification.CLAIMABLE,
            due_at__lte=now,
            decision__organization__telling_enabled=True,
        )
        .select_related("decision__organization", "mentor__contact")
        .order_by("due_at", "id")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
    )


def _lease(due: QuerySet[Notification]) -> list[Notification]:
    token = uuid4()
    with transaction.atomic():
        taken = list(due)
        Notification.objects.filter(pk__in=[notification.pk for notification in taken]).update(
            status=Status.SENDING,
            lease_token=token,
            lease_until=leases.ends_in(leases.LENGTH),
            send_started_at=None,
        )
    for notification in taken:
        notification.status, notification.lease_token = Status.SENDING, token
    return taken


def look_again(taken: Sequence[Notification], *, now: datetime) -> list[Notification]:
    """End what must not be sent any more; return the rest."""
    if not taken:
        return []
    with transaction.atomic():
        reasons = _reasons(taken, now)
        for notification in taken:
            if notification.pk in reasons:
                recording.withdrawn(notification, Reason(reasons[notification.pk]), now=now)
            elif _is_too_late(notification, now):
                reasons[notification.pk] = Reason.UNDELIVERABLE
                recording.discarded(notification, notification.last_error, now=now)
    return [notification for notification in taken if notification.pk not in reasons]


def _reasons(taken: Sequence[Notification], now: datetime) -> dict[int, str]:
    ways = Ways(notification.decision.organization_id for notification in taken)
    no_longer_due = operations.no_longer_due([notification.decision_id for notification in taken], now=now)
    reasons = {}
    for notification in taken:
        decision = notification.decision
        if decision.outcome != Decision.Outcome.PENDING:
            reasons[notification.pk] = decision.outcome_reason or Reason.ALREADY_TOLD
        elif decision.pk in no_longer_due:
            reasons[notification.pk] = no_longer_due[decision.pk]
        elif not ways.is_open(notification.channel, decision.organization_id, notification.mentor):
            reasons[notification.pk] = Reason.NO_CHANNEL
        elif _is_too_late(notification, now) and not notification.attempts:
            # It never left the house, so nobody was told.
            reasons[notification.pk] = Reason.STALE
    return reasons


def _is_too_late(notification: Notification, now: datetime) -> bool:
    return notification.give_up_at is not None and notification.give_up_at <= now


def give_back(token: UUID | None) -> None:
    """Let others have what was taken under this lease and not begun."""
    Notification.objects.filter(_not_begun(token)).update(status=Status.PENDING, **recording.NO_LEASE)


def _not_begun(token: UUID | None) -> Q:
    return Q(status=Status.SENDING, lease_token=token, send_started_at__isnull=True)


@transaction.atomic
def postpone(channel: str, token: UUID | None, *, why: str, now: datetime) -> int:
    """Let everything due through a closed channel wait a little; no message is charged with an attempt for it.

    One sender has found out, so the others need not.
    """
    waiting = Q(status__in=Notification.CLAIMABLE, due_at__lte=now)
    concerned = Notification.objects.filter(_not_begun(token) | waiting, channel=channel)
    unlocked = concerned.select_for_update(skip_locked=True, no_key=True)
    return Notification.objects.filter(pk__in=unlocked.values("pk")).update(
        status=Status.FAILED,
        due_at=now + CLOSED_FOR,
        give_up_at=Coalesce(F("give_up_at"), Value(now + recording.GIVE_UP_AFTER)),
        last_error=why,
        **recording.NO_LEASE,
    )
