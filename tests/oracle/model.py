"""The world as the oracle sees it: plain values that know nothing of the database or of the engine."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAILY, ON_ACTIVITY = "daily", "activity"


def days(number: int) -> timedelta:
    """Return days of 24 hours, whatever the clocks did."""
    return timedelta(hours=24 * number)


@dataclass(frozen=True, kw_only=True)
class Fact:
    recorded_at: datetime
    withdrawn_at: datetime | None = None

    def known(self, at: datetime) -> bool:
        return self.recorded_at <= at and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, kw_only=True)
class Statement(Fact):
    """From this day on the log holds every activity of those who were recorded when it was made."""

    known_since: date


@dataclass(frozen=True)
class Organization:
    id: str
    zone: str
    weekly_cap: int
    human_contact_days: int
    statements: tuple[Statement, ...] = ()
    hours_between: int = 24

    def date(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True)
class Chapter:
    id: str
    organization: str


@dataclass(frozen=True, kw_only=True)
class Span(Fact):
    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, kw_only=True)
class Pause(Span):
    pass


@dataclass(frozen=True, kw_only=True)
class Membership(Span):
    chapter: str


@dataclass(frozen=True, kw_only=True)
class OptOut(Fact):
    trigger_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Conversation(Fact):
    contacted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Certification(Fact):
    id: str
    kind: str
    expires_at: datetime
    issued_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Activity(Fact):
    id: str
    completed_at: datetime
    kind: str = "visit"
    metres: int | None = None
    seconds: int | None = None
    contact_id: str = ""
    contact_type: str = ""
    flags: tuple[str, ...] = ()
    is_group: bool | None = None
    participants: int | None = None


@dataclass(frozen=True, kw_only=True)
class Mentor:
    id: str
    organization: Organization
    joined_at: datetime
    recorded_at: datetime
    left_at: datetime | None = None
    left_recorded_at: datetime | None = None
    # The mentor's own weekly targets, by what is counted: distance, minutes, count.
    targets: dict[str, int] = field(default_factory=dict)
    memberships: tuple[Membership, ...] = ()
    pauses: tuple[Pause, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    activities: tuple[Activity, ...] = ()
    certifications: tuple[Certification, ...] = ()

    def has_left(self, at: datetime, known_at: datetime) -> bool:
        left, learnt = self.left_at, self.left_recorded_at
        return left is not None and learnt is not None and left <= at and learnt <= known_at

    def known_from(self, known_at: datetime) -> datetime:
        """From when on the activities are known: as was stated of those who were there, or since this one is."""
        for said in self.organization.statements:
            if said.known(known_at) and self.recorded_at <= said.recorded_at:
                return datetime.combine(said.known_since, time(), ZoneInfo(self.organization.zone)).astimezone(UTC)
        return self.recorded_at

    def is_paused(self, at: datetime, known_at: datetime) -> bool:
        return any(pause.known(known_at) and pause.covers(at) for pause in self.pauses)

    def chapters(self, at: datetime, known_at: datetime) -> set[str]:
        return {row.chapter for row in self.memberships if row.known(known_at) and row.covers(at)}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One state of a rule, in force from `valid_from` until another takes its place."""

    id: str
    scenario: str
    trigger_type: str
    judged: str
    valid_from: datetime
    number: int = 1
    valid_until: datetime | None = None
    organization: str | None = None
    chapter: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    threshold_days: int | None = None
    delay_hours: int = 0
    cooldown_days: int = 7
    priority: int = 10
    # draft, watching, on, off or retired.
    state: str = "on"

    def in_force(self, at: datetime) -> bool:
        evaluated = self.state in ("on", "watching")
        return evaluated and self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def given(self, name: str, default: Any = None) -> Any:
        """Return a parameter; one that is empty wasn't given."""
        value = self.parameters.get(name)
        return default if value is None or value in ("", []) else value


@dataclass(frozen=True)
class Frame:
    instant: datetime
    known_at: datetime
    decided_at: datetime


@dataclass(frozen=True)
class Hit:
    """One rule that fired on one subject: the mentor (empty), or one of the mentor's certifications."""

    mentor: Mentor
    rule: Rule
    subject: str
    occasion: str


@dataclass
class Decision:
    """What was decided of a hit, and what became of it."""

    hit: Hit
    frame: Frame
    # For which an activity was posted; None: decided in a run.
    chapter: str | None
    reason: str
    scheduled_for: datetime
    outcome: str
    settled_at: datetime | None = None

    @property
    def run(self) -> bool:
        return self.chapter is None

    @property
    def stands(self) -> bool:
        return self.outcome in ("pending", "told")

    @property
    def told_at(self) -> datetime:
        """When the mentor heard of it, or will hear."""
        return self.settled_at or max(self.scheduled_for, self.frame.decided_at)

    @property
    def key(self) -> tuple:
        return self.hit.mentor.id, self.hit.rule.id, self.hit.rule.number, self.hit.subject, self.hit.occasion

    @property
    def row(self) -> tuple:
        """Everything that is compared with what the engine wrote."""
        frame = (self.frame.instant, self.frame.known_at, self.frame.decided_at)
        return *self.key, self.reason, self.outcome, self.scheduled_for, *frame


@dataclass(frozen=True)
class World:
    organizations: tuple[Organization, ...]
    chapters: tuple[Chapter, ...]
    mentors: tuple[Mentor, ...]
    rules: tuple[Rule, ...]

    def mentor(self, mentor_id: str) -> Mentor:
        return next(mentor for mentor in self.mentors if mentor.id == mentor_id)


# What happens to a world, one step after the other.


@dataclass(frozen=True)
class Run:
    """A run, over everybody or over the named; perhaps with a dry run before it."""

    frame: Frame
    named: tuple[str, ...] | None = None
    rehearsed: bool = False


@dataclass(frozen=True)
class Post:
    """An activity is logged and evaluated; the same one may come again."""

    mentor: str
    activity: Activity
    chapter: str
    at: datetime


@dataclass(frozen=True)
class Settle:
    """What waits is told (t), withdrawn (w) or left waiting (-), decision by decision."""

    at: datetime
    fates: str


@dataclass(frozen=True)
class Edit:
    """Staff change one rule."""

    rule: str
    at: datetime
    changes: dict[str, Any]

    def apply(self, rule: Rule) -> Rule:
        return replace(rule, **self.changes, number=rule.number + 1, valid_from=self.at)


Step = Run | Post | Settle | Edit
