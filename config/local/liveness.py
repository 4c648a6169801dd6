"""Whether a server that was ready still answers: one that is frozen or half shut down lives, and serves nobody."""

import time

from config.local.probes import Probe

# Seconds between two questions to a server that answers.
EVERY = 5.0
# Seconds without an answer after which it is restarted: a checkpoint or a busy machine takes less.
PATIENCE = 15.0
# Seconds that it then has to end in order, before it is killed.
ENDING = 10.0


class Liveness:
    """Asks now and then; one life of one server."""

    def __init__(self, ask: Probe, patience: float = PATIENCE) -> None:
        self.ask, self.patience = ask, patience
        self.every = min(EVERY, patience / 3)
        self._next_at = time.monotonic() + self.every
        self._silent_since: float | None = None

    def is_lost(self) -> bool:
        """Tell whether it has not answered for all our patience."""
        now = time.monotonic()
        if now < self._next_at:
            return False
        self._next_at = now + self.every
        if self.ask():
            self._silent_since = None
            return False
        # The question itself may have taken a second.
        self._silent_since = now if self._silent_since is None else self._silent_since
        return time.monotonic() - self._silent_since >= self.patience
