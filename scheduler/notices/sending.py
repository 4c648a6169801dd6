"""Take one notice in hand, send it, say what became of it."""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from ..models import Notice
from . import ways

log = logging.getLogger(__name__)

Status = Notice.Status

# Longer than a task that sends may take: after that its sender is dead.
IN_HAND = timedelta(minutes=2)
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60)]
# What is due later than that was put off by a clock that was ahead.
PUT_OFF_AT_MOST = 2 * PAUSES[-1]
# A number of our own among PostgreSQL's advisory locks.
ONE_AT_A_TIME = 7_360_211


def is_due(*, now: datetime) -> bool:
    """Tell whether there is something for a sender to do."""
    return _due(now).exists() and not _in_hand(now).exists()


def send_one(*, now: datetime) -> bool:
    """Send the notice that is due first; return False where there is none, or where it failed."""
    notice = _take(now)
    if notice is None:
        return False
    try:
        ways.send(notice)
    except Exception as error:  # the delivery boundary: whatever it was, it is tried again
        why = str(error) if isinstance(error, ways.NotSent) else type(error).__name__
        log.warning("notice %s could not be sent: %s", notice.pk, why)
        pause = PAUSES[min(notice.attempts, len(PAUSES)) - 1]
        _let_go(notice, due_at=now + pause, last_error=why)
        return False
    _let_go(notice, status=Status.SENT, sent_at=now, last_error="")
    return True


@transaction.atomic
def _take(now: datetime) -> Notice | None:
    """Count the try in a transaction of its own, before anything leaves the house.

    One notice is on its way at a time: a mail server that hangs must not hold every process of a worker.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        (ours,) = cursor.fetchone()
    if not ours or _in_hand(now).exists():
        return None
    due = _due(now).select_related("incident__run", "run").select_for_update(of=("self",), skip_locked=True)
    notice = due.order_by("due_at", "id").first()
    if notice is not None:
        notice.token, notice.due_at, notice.attempts = uuid4(), now + IN_HAND, notice.attempts + 1
        notice.save(update_fields=["token", "due_at", "attempts"])
    return notice


def _due(now: datetime) -> QuerySet[Notice]:
    due = Q(due_at__lte=now) | Q(due_at__gt=now + PUT_OFF_AT_MOST)
    return Notice.objects.filter(due, status=Status.PENDING, channel__in=ways.channels())


def _in_hand(now: datetime) -> QuerySet[Notice]:
    in_hand = Notice.objects.filter(status=Status.PENDING, token__isnull=False)
    return in_hand.filter(due_at__gt=now, due_at__lte=now + PUT_OFF_AT_MOST)


def _let_go(notice: Notice, **changes) -> None:
    """Record what became of it, unless somebody else has it in hand by now."""
    Notice.objects.filter(pk=notice.pk, token=notice.token).update(token=None, **changes)
