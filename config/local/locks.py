"""File locks, held by the kernel for a process: they cannot outlive it and need no clearing away."""

import fcntl
import os
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Take the lock and return its file descriptor, or None while somebody else has it.

    A child that inherits the descriptor holds the lock too. So a lock handed to a server is free when the server and
    everything it has started are gone, which no process number can tell.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_free(path: Path) -> bool:
    descriptor = acquire(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True
