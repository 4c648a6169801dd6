"""The outbox: what is due is written, taken in hand, looked at once more, sent, and settled.

Any number of senders may be at it at once, and each may be killed at any point: a message is sent again only where
nobody can know whether it arrived, and then under the same Message-ID.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ..models import Notification
from . import leases
from .claiming import claim, look_again, take
from .preparing import prepare, prepare_or_withdraw, wordless
from .reclaiming import reclaim
from .sending import Clock, send

__all__ = ["claim", "deliver", "prepare", "reclaim", "wordless"]

PREPARED_AT_ONCE = 500


def deliver(*, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Tell what is due until nothing is left or somebody wants to stop; return how many messages were dealt with.

    Sent, failed and withdrawn ones count alike. `stopping` is asked before each message.
    """
    clock = _ticking_from(now)
    dealt_with = 0
    while not stopping():
        reclaim(now=clock())
        taken = take(now=clock())
        if taken:
            ended, is_open = _send(taken, clock, stopping)
            dealt_with += ended
            if not is_open:
                break
        else:
            written, withdrawn = prepare_or_withdraw(now=clock(), limit=PREPARED_AT_ONCE)
            dealt_with += withdrawn
            if not written and not withdrawn:
                break
    return dealt_with


def _send(taken: Sequence[Notification], clock: Clock, stopping: Callable[[], bool]) -> tuple[int, bool]:
    """Return how many of them were dealt with, and whether the channels are open."""
    with leases.kept(taken[0].lease_token) as keeper:

        def must_stop() -> bool:
            keeper.moved()
            return stopping()

        to_send = look_again(taken, now=clock())
        begun, is_open = send(to_send, clock=clock, stopping=must_stop)
    return len(taken) - len(to_send) + begun, is_open


def _ticking_from(now: datetime) -> Clock:
    """A long delivery must not go by the hour at which it began, nor by a wall clock that somebody sets."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)
