"""What is answered within a request: few at a time, and only what takes seconds; the rest is for the workers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# In each web process. It has more threads than that, so that others are always let in.
MOST_AT_ONCE = 2
SECONDS = 4.0

_slots = threading.BoundedSemaphore(MOST_AT_ONCE)


class TooSlow(Exception):
    """It takes longer than a request may."""


@contextmanager
def at_once() -> Iterator[Callable[[float], None] | None]:
    """Give a slot, and what is called now and then and raises TooSlow; None where all slots are taken."""
    if not _slots.acquire(blocking=False):
        yield None
        return
    until = time.monotonic() + SECONDS

    def hurry(share: float) -> None:
        if time.monotonic() > until:
            raise TooSlow

    try:
        yield hurry
    finally:
        _slots.release()
