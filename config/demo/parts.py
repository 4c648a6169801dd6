"""What is known of one person in the demo, before it is written down in all its tables."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .places import BERGEN, BOSTON, OSLO
from .rules import INACTIVITY, INACTIVITY_BERGEN

BASIC = {OSLO: "Grunnkurs for likepersoner", BERGEN: "Grunnkurs for likepersoner", BOSTON: "Peer mentor basic course"}
FURTHER = {OSLO: "Samtalekurs", BERGEN: "Samtalekurs", BOSTON: "Listening skills"}


@dataclass
class Course:
    """A certification; it was issued two years before it expires."""

    kind: str
    expires_at: datetime


@dataclass
class Told:
    """Something a mentor was told at an instant: by which rule, about which measured time, of which certification."""

    rule_id: str
    at: datetime
    measured: tuple[datetime, datetime]
    course: int | None = None


@dataclass
class Part:
    """One mentor. `last` is their latest activity, `silence` two instants between which they logged nothing (there is
    an activity exactly at the first), `only` the type of everything they do.
    """

    user_id: str
    organization: str
    chapters: list[str]
    joined_at: datetime
    last: datetime | None
    silence: tuple[datetime, datetime] | None = None
    only: str = ""
    weekly_distance_meters: int | None = None
    left_at: datetime | None = None
    courses: list[Course] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    opt_outs: list[str] = field(default_factory=list)
    talked_at: datetime | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def inactivity_rule(self) -> str:
        return INACTIVITY_BERGEN if self.organization == BERGEN else INACTIVITY


def days(number: float) -> timedelta:
    return timedelta(days=number)
