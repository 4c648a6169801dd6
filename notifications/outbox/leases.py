"""How long a sender that says nothing is believed to be alive, and the thread with which it says that it is.

All by PostgreSQL's clock: an application's clock that jumps neither ends a lease nor prolongs one.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import Error, connection, transaction
from django.db.models import DateTimeField, Func, Q
from django.db.models.expressions import Combinable, CombinedExpression

from .. import channels
from ..models import Notification

log = logging.getLogger(__name__)

# Renewed four times in its length, so that a machine out of breath doesn't lose it.
LENGTH = timedelta(seconds=2)
RENEWED_EVERY = timedelta(seconds=0.5)
# Who hasn't renewed in time is given this long to do so after all: PostgreSQL, or the way to it, may have been away
# from everybody, and then the first to be back must not take messages from senders that live. Just below the second
# between two ticks, of which one gives notice and the next takes over.
NOTICE = timedelta(seconds=0.8)
# For looking again, for opening the channel, and for PostgreSQL to come back; the message's own time comes on top.
SLACK = timedelta(seconds=60)


class PostgresClock(Func):
    """PostgreSQL's clock, which goes on within a transaction."""

    template = "clock_timestamp()"
    arity = 0
    output_field: DateTimeField = DateTimeField()


def ends_in(length: timedelta) -> CombinedExpression:
    clock: Combinable = PostgresClock()
    return clock + length


def has_run_out() -> Q:
    """Whether a lease is over; one that is far too long was taken before PostgreSQL's own clock was put back."""
    return Q(lease_until__lt=PostgresClock()) | Q(lease_until__gt=ends_in(5 * LENGTH))


def renew(token: UUID | None) -> int:
    """Renew the lease of what is still held under this token; return how many messages that is.

    What is locked is just being recorded, or taken over.
    """
    held = Notification.objects.filter(status=Notification.Status.SENDING, lease_token=token)
    unlocked = held.select_for_update(skip_locked=True, no_key=True)
    with transaction.atomic():
        return Notification.objects.filter(pk__in=unlocked.values("pk")).update(
            lease_until=ends_in(LENGTH), lease_overdue=False
        )


@contextmanager
def kept(token: UUID | None) -> Iterator["Keeper"]:
    """Renew the lease until the block ends, however long a mail server takes to answer."""
    keeper = Keeper(token)
    keeper.start()
    try:
        yield keeper
    finally:
        keeper.stop()


class Keeper(threading.Thread):
    """Renews one lease. Its connection is its own, and is opened only when the sender takes long."""

    def __init__(self, token: UUID | None):
        super().__init__(name="lease", daemon=True)
        self._token = token
        self._ended = threading.Event()
        # More than any message takes: a sender that hasn't moved on by then never will.
        self._patience = (max(channel.longest for channel in channels.registry.values()) + SLACK).total_seconds()
        self.moved()

    def moved(self) -> None:
        """Note that the sender goes on; to be called for each message."""
        self._moved_at = time.monotonic()

    def stop(self) -> None:
        self._ended.set()
        # It may wait for a PostgreSQL that is away, for which nobody else needs to wait.
        self.join(RENEWED_EVERY.total_seconds())

    def run(self) -> None:
        try:
            while not self._ended.wait(RENEWED_EVERY.total_seconds()):
                if time.monotonic() - self._moved_at > self._patience:
                    log.error("a sender hangs: others may take over what it has in hand")
                    return
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            renew(self._token)
        except Error as error:  # PostgreSQL is away: the next try needs a new connection
            log.warning("could not renew a lease: %s", type(error).__name__)
            connection.close()
