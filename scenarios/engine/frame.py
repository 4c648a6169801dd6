"""The three instants of every judgement. The clock is read nowhere below the edge."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Frame:
    """When something is judged; all three are aware.

    Facts count as of `instant`; those recorded after `known_at` do not exist yet; the gates use `decided_at`, which
    matching never does.
    """

    instant: datetime
    known_at: datetime
    decided_at: datetime

    def values(self) -> dict[str, datetime]:
        return {"instant": self.instant, "known_at": self.known_at, "decided_at": self.decided_at}

    @classmethod
    def at(cls, now: datetime) -> "Frame":
        return cls(instant=now, known_at=now, decided_at=now)
