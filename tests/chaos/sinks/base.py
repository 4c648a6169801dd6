"""What a sink is."""

import time
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Arrival:
    """One message that the receiver took. `ambiguous`: it took it without being able to say so."""

    at: float
    message_id: str
    address: str
    subject: str
    ambiguous: bool


@dataclass
class Manners:
    """How a receiver behaves for the first so many messages; then it is itself again."""

    how: str = "takes"
    left: int = 0
    # Whom it refuses for good, each time.
    refuses: frozenset[str] = frozenset()

    def next(self) -> str:
        if self.left <= 0:
            return "takes"
        self.left -= 1
        return self.how


@dataclass
class Sink:
    """Subclasses set `channel`, start, stop, and say how the house finds them."""

    channel = ""
    manners: Manners = field(default_factory=Manners)
    arrivals: list[Arrival] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """Return the settings with which the house sends to this sink. It listens by then."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def begin(self, manners: Manners) -> None:
        """Forget what arrived, and behave so from now on."""
        self.arrivals, self.manners = [], manners

    def seen(self) -> list[Arrival]:
        """Return what arrived. While the sink itself was out of breath, its answer may have come too late."""
        return [replace(one, ambiguous=one.ambiguous or self.was_slow(one.at)) for one in self.arrivals]

    def was_slow(self, at: float) -> bool:
        """Tell whether an answer that was given around this moment may have come after the sender gave up."""
        return False

    def took(self, message_id: str, address: str, subject: str, *, ambiguous: bool) -> None:
        self.arrivals.append(Arrival(time.time(), message_id, address, subject, ambiguous))
