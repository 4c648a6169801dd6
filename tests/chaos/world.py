"""The people of the house, as plain values: drawn from the seed, and changed a little every day.

Nothing in here lies near a threshold: whatever a fault delays by an hour or two is due on the same day all the same.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

# Zones in which the slot is early morning, night and noon of the same date.
ZONES = ("Europe/Oslo", "America/New_York", "Asia/Kolkata")
SLOT_ZONE, SLOT_HOUR = ZoneInfo("Europe/Oslo"), 8
HALF_A_DAY = timedelta(hours=12)
# What is older than a week isn't told any more; and those who never log anything have nothing newer.
NEWS = timedelta(days=6)
LONG_SECONDS = 3600
HUMAN_CONTACT_DAYS = 7


@dataclass(frozen=True)
class DailyRule:
    id: str
    idle_days: int
    cooldown_days: int
    priority: int


# The second goes first when both fire; while it is cooling down, the first takes its place.
QUIET = DailyRule("quiet", idle_days=3, cooldown_days=1, priority=50)
QUIET_LONG = DailyRule("quiet_long", idle_days=10, cooldown_days=3, priority=20)
DAILY_RULES = (QUIET, QUIET_LONG)
# Fires on an activity of at least an hour.
LONG_VISIT = "long_visit"


@dataclass
class Mentor:
    user_id: str
    organization: int
    joined_at: datetime
    last_activity: datetime
    left_at: datetime | None = None
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    opted_out_of: set[str] = field(default_factory=set)
    talked_to_at: list[datetime] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.user_id}@chaos.example"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(ZONES[self.organization])


@dataclass(frozen=True)
class Visit:
    """An activity that is logged and evaluated. It was before the last one, so nobody is less quiet for it."""

    id: str
    user_id: str
    organization: int
    completed_at: datetime
    seconds: int


@dataclass
class Changes:
    """What has become known since yesterday."""

    activities: list[tuple[Mentor, datetime]] = field(default_factory=list)
    pauses: list[tuple[Mentor, datetime, datetime]] = field(default_factory=list)
    opt_outs: list[tuple[Mentor, str]] = field(default_factory=list)
    talks: list[tuple[Mentor, datetime]] = field(default_factory=list)
    leavers: list[Mentor] = field(default_factory=list)


def slot_of(day: date) -> datetime:
    return datetime.combine(day, time(SLOT_HOUR), SLOT_ZONE)


class World:
    def __init__(self, mentors: int, today: date, random: Random) -> None:
        self.random, self.today = random, today
        joined = slot_of(today) - timedelta(days=400)
        self.visits = 0
        self.mentors = []
        for n in range(mentors):
            idle = 20 + n % 10 if self.is_silent(n) else random.choice((0, 0, 0, 1, 1, 2, 3, 4))
            last = slot_of(today) - timedelta(days=idle) - HALF_A_DAY
            self.mentors.append(Mentor(f"usr_{n:04}", n % len(ZONES), joined, last))

    @staticmethod
    def is_silent(n: int) -> bool:
        """Some never log anything."""
        return n % 12 == 5

    def go_on(self, days: int = 1) -> Changes:
        """Let days go by, and return what has happened meanwhile: all of it half a day before the slot."""
        self.today += timedelta(days=days)
        at = slot_of(self.today) - HALF_A_DAY
        changes = Changes()
        for n, mentor in enumerate(self.mentors):
            if not self.is_silent(n) and self.random.random() < 0.4:
                mentor.last_activity = at
                changes.activities.append((mentor, at))
        for mentor in self.random.sample(self.mentors, 2):
            if not mentor.pauses or mentor.pauses[-1][1] < at:
                until = at + timedelta(days=self.random.randint(1, 4))
                mentor.pauses.append((at, until))
                changes.pauses.append((mentor, at, until))
        one, another, third = self.random.sample(self.mentors, 3)
        if self.random.random() < 0.3 and not one.opted_out_of:
            kind = self.random.choice(("", "inactivity"))
            one.opted_out_of.add(kind)
            changes.opt_outs.append((one, kind))
        if self.random.random() < 0.5:
            another.talked_to_at.append(at)
            changes.talks.append((another, at))
        if self.random.random() < 0.2 and third.left_at is None:
            third.left_at = at
            changes.leavers.append(third)
        return changes

    def draw_visits(self, wanted: list[Mentor], count: int = 12) -> list[Visit]:
        """Let mentors log something now: half of them of those wanted."""
        recent = slot_of(self.today) - NEWS
        wanted = [mentor for mentor in wanted if mentor.last_activity > recent]
        others = [mentor for mentor in self.mentors if mentor.last_activity > recent]
        drawn = {m.user_id: m for m in self.random.sample(wanted, min(len(wanted), count // 2))}
        drawn |= {m.user_id: m for m in self.random.sample(others, min(len(others), count - len(drawn)))}
        visits = []
        for mentor in drawn.values():
            self.visits += 1
            at = mentor.last_activity - timedelta(minutes=30)
            seconds = self.random.choice((LONG_SECONDS - 1, LONG_SECONDS, LONG_SECONDS + 1800))
            visits.append(Visit(f"act_v{self.visits}", mentor.user_id, mentor.organization, at, seconds))
        return visits
