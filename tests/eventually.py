"""Wait for what another process does: ask again until it is so, or give up loudly."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

PATIENCE = 60
PAUSE = 0.05


def eventually(ask: Callable[[], Answer], what: str) -> Answer:
    """Return the first true answer. The pause only spares the processor; nothing depends on how long it is."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise AssertionError(f"still not after {PATIENCE} s: {what}")
        time.sleep(PAUSE)
    return answer
