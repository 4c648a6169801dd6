"""Taking messages from senders that died, froze, or were cut off."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ..models import Notification
from . import leases, recording

Status = Notification.Status


def reclaim(*, now: datetime) -> int:
    """Take messages from senders that have let their lease run out and their notice pass; return how many.

    What wasn't begun is simply due again. Of what was begun nobody knows whether it arrived. To be called again and
    again: whoever is silent for the first time is only given notice.
    """
    run_out = Notification.objects.filter(leases.has_run_out(), status=Status.SENDING)
    with transaction.atomic():
        silent = list(run_out.order_by("id").select_for_update(skip_locked=True, no_key=True))
        lost = [notification for notification in silent if notification.lease_overdue]
        _give_notice(notification.pk for notification in silent if not notification.lease_overdue)
        _make_due(notification.pk for notification in lost if notification.send_started_at is None)
        for notification in lost:
            if notification.send_started_at is not None:
                recording.lost(notification, now=now)
    return len(lost)


def _give_notice(ids: Iterable[int]) -> None:
    _update(ids, lease_until=leases.ends_in(leases.NOTICE), lease_overdue=True)


def _make_due(ids: Iterable[int]) -> None:
    _update(ids, status=Status.PENDING, **recording.NO_LEASE)


def _update(ids: Iterable[int], **changes) -> None:
    if concerned := list(ids):
        Notification.objects.filter(pk__in=concerned).update(**changes)
