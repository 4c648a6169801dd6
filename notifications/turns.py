"""Whose turn it is to send in this worker, and when the turn ends.

Sending can take long, and a worker has few processes: one of them sends at a time, for some seconds, and the others
go on with runs.
"""

import fcntl
import mmap
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import signals

LENGTH_SECONDS = 10

# Shared by the worker and the processes that it forks: only the first hears that it must stop.
_shutdown = mmap.mmap(-1, 1)
# Record locks belong to a process and end with it, however it ends.
_seat = tempfile.TemporaryFile()  # noqa: SIM115


class Turn:
    """One process's time to send."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + LENGTH_SECONDS

    def is_over(self) -> bool:
        return stopping() or time.monotonic() >= self._ends


@contextmanager
def turn() -> Iterator[Turn | None]:
    """Take the turn; None when another process of this worker has it."""
    try:
        fcntl.lockf(_seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
        return
    try:
        yield Turn()
    finally:
        fcntl.lockf(_seat, fcntl.LOCK_UN)


def stopping() -> bool:
    """Tell whether this worker was asked to stop."""
    return _shutdown[0] != 0


@signals.worker_shutting_down.connect
def stop(**_kwargs) -> None:
    _shutdown[0] = 1
