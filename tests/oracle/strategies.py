"""Random worlds whose instants crowd at the edges: thresholds to the microsecond, midnights, and nights of DST."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from . import model
from .model import days

ZONES = ("Europe/Oslo", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
NUDGES = (timedelta(0), -MOMENT, MOMENT)

# Around these the steps of a world lie: an ordinary noon first, then what clocks and calendars do to people.
SCENES = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-25T11:00",
        "2026-03-29T01:00",  # Oslo: the hour from 2 to 3 is missing
        "2026-10-25T01:00",  # Oslo: the hour from 2 to 3 comes twice
        "2026-03-08T07:00",  # New York, spring
        "2026-11-01T06:00",  # New York, autumn
        "2026-04-04T14:00",  # Auckland, autumn
        "2026-09-26T14:00",  # Auckland, spring
        "2026-12-31T23:00",  # the new year in Oslo
    )
)
THRESHOLDS = (1, 2, 3, 7, 14, 30)

# What rules are given, by the name of the parameter; a new parameter needs its values here.
KINDS, CONTACT_TYPES, FLAGS = ("visit", "run", "phone"), ("", "phone", "home visit"), ("low_mood", "pain", "sleep")
PARAMETERS: dict[str, Sequence[Any]] = {
    "activity_types": (["visit"], ["run", "phone"], []),
    "contact_types": (["phone"], ["*"], ["home visit", "phone"], None),
    "min_minutes": (30, 60, 0),
    "max_minutes": (30, 60, None),
    "min_distance_meters": (1_000, 16_000, 0),
    "first_only": (True, False),
    "amount": ("count", "minutes", "distance"),
    "threshold_percent": (50, 60, 100, 33),
    "weekly_target": (2, 60, 1_000, 10_000),
    "min_duration_minutes": (30, 60, 1),
    "flags": (["pain"], ["low_mood", "pain"], ["sleep", "pain"]),
    "mode": ("all", "any"),
    "min_participants": (3, 2, 1),
    "counts": ([1], [1, 2], [2], [1, 3], [2, 3], []),
}
ACTIVITIES = tuple(
    product(
        KINDS,
        (None, 0, 999, 1_000, 5_000, 16_000),
        (None, 0, 1_799, 1_800, 3_599, 3_600, 3_601),
        ("", "contact_1", "contact_2"),
        CONTACT_TYPES,
        ((), ("pain",), ("pain", "low_mood"), ("sleep",)),
        (None, True, False),
        (None, 1, 2, 3),
    )
)


class Dice:
    """Short words for what is drawn again and again."""

    def __init__(self, draw: Callable):
        self.draw = draw
        # What this world's rules have as thresholds, and the instants at which something flips in it.
        self.thresholds: Sequence[int] = THRESHOLDS
        self.past: Sequence[datetime] = ()
        self.future: Sequence[datetime] = ()
        self.anchors: Sequence[datetime] = ()

    def look_around(self, anchors: Sequence[datetime], zones: Sequence[str]) -> None:
        self.anchors = anchors
        self.past, self.future = (around(anchors, self.thresholds, zones, sign) for sign in (-1, 1))

    def one_of(self, values: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(values))

    def upto(self, most: int) -> int:
        return self.draw(st.integers(0, most))

    def seldom(self, one_in: int) -> bool:
        return self.upto(one_in - 1) == one_in - 1

    def edge(self, *, ahead: int = 1) -> datetime:
        """Return an instant at which something flips, behind or ahead of the steps; `ahead` of 4 times ahead."""
        return self.one_of(self.future if self.upto(3) < ahead else self.past)

    def edge_after(self, start: datetime) -> datetime:
        later = self.edge()
        return later if later > start else start + (start - later) + MOMENT

    def recording(self, happened_at: datetime) -> dict[str, datetime | None]:
        """Return when a fact was recorded and withdrawn: known from the first, in time, or late; seldom taken back."""
        recorded_at = (LONG_AGO, happened_at, self.edge() if self.seldom(3) else happened_at)[self.upto(2)]
        withdrawn_at = max(recorded_at, self.edge()) if self.seldom(8) else None
        return {"recorded_at": recorded_at, "withdrawn_at": withdrawn_at}


def midnights(at: datetime, zones: Sequence[str]) -> list[datetime]:
    """Return the midnight with which the local day of `at` begins in each zone, and the moment before."""
    starts = [datetime.combine(at.astimezone(zone).date(), time(), zone) for zone in map(ZoneInfo, zones)]
    return [start.astimezone(UTC) - back for start in starts for back in (timedelta(0), MOMENT)]


def around(anchors: Sequence[datetime], thresholds: Sequence[int], zones: Sequence[str], sign: int) -> list[datetime]:
    """Return the instants at which something flips for one who asks at the anchors, on one side of them in time."""
    shifted = [anchor + sign * days(number) for anchor in anchors for number in thresholds]
    found = [at + nudge for at in (*anchors, *shifted) for nudge in NUDGES]
    found += [anchor + timedelta(hours=hours) for anchor in anchors for hours in (-1, 1)]
    return found + [midnight for at in (*anchors, *shifted) for midnight in midnights(at, zones)[:2]]


def moments(dice: Dice, number: int, zones: Sequence[str]) -> list[datetime]:
    """Return the instants of the steps, in order: on one day or some days later, at hours that matter."""
    at = dice.one_of(SCENES)
    found = []
    for _ in range(number):
        at += days(dice.one_of((1, 0, 1, 2, 3, 7, 7)))
        hours = (
            [at + nudge for nudge in NUDGES] + [at - timedelta(hours=1), at + timedelta(hours=5)] + midnights(at, zones)
        )
        # Twice as often at the same hour as before: days and weeks are then exact.
        found.append(dice.one_of([at] * len(hours) + hours))
    return sorted(found)


def organization(dice: Dice, number: int) -> model.Organization:
    return model.Organization(
        f"org_{number}",
        dice.one_of(ZONES),
        dice.one_of((50, 2, 1, 0, 1)),
        dice.one_of((7, 0, 1, 2)),
        hours_between=dice.one_of((0, 24, 6, 48)),
    )


def statements(dice: Dice, home: model.Organization) -> tuple[model.Statement, ...]:
    """Return what an organisation has said of its log: mostly nothing, or one thing after another."""
    if not dice.seldom(5):
        return ()
    found: list[model.Statement] = []
    for recorded_at in sorted({dice.one_of((LONG_AGO, dice.edge(ahead=0), dice.edge())) for _ in range(2)}):
        if found:
            found[-1] = replace(found[-1], withdrawn_at=recorded_at)
        day = dice.edge(ahead=0).astimezone(ZoneInfo(home.zone)).date()
        found.append(model.Statement(known_since=day, recorded_at=recorded_at))
    return tuple(found)


def activity(dice: Dice, activity_id: str, **fields: Any) -> model.Activity:
    kind, metres, seconds, contact_id, contact_type, flags, is_group, participants = ACTIVITIES[
        dice.upto(len(ACTIVITIES) - 1)
    ]
    completed_at = dice.edge(ahead=0) if dice.upto(5) else dice.edge()
    return model.Activity(
        id=activity_id,
        completed_at=completed_at,
        kind=kind,
        metres=metres,
        seconds=seconds,
        contact_id=contact_id,
        contact_type=contact_type,
        flags=flags,
        is_group=is_group,
        participants=participants,
        **(fields or dice.recording(completed_at)),
    )


def span(dice: Dice, kind: Callable, *, open_ended: int) -> Any:
    start = LONG_AGO if dice.seldom(2) else dice.edge()
    end = None if dice.seldom(open_ended) else dice.edge_after(start)
    return kind(starts_at=start, ends_at=end, **dice.recording(start))


def certification(dice: Dice, certification_id: str) -> model.Certification:
    expires_at = dice.edge(ahead=3)
    issued_at = min(dice.edge(), expires_at - MOMENT) if dice.seldom(3) else None
    return model.Certification(
        id=certification_id,
        kind=dice.one_of(("Basic course", "Hearing aids")),
        expires_at=expires_at,
        issued_at=issued_at,
        **dice.recording(LONG_AGO),
    )


def talk(dice: Dice, home: model.Organization) -> datetime:
    """Return when somebody talked to a mentor: so many days ago that the silence ends, or about as many."""
    if dice.seldom(3):
        return dice.edge()
    at = dice.one_of(dice.anchors) - days(home.human_contact_days)
    return dice.one_of([at + nudge for nudge in NUDGES] + midnights(at, [home.zone]))


def once(facts: Sequence[Any], key: Callable) -> tuple:
    """Leave out what the database would refuse: a second fact that stands open beside an equal one."""
    found: dict[Any, Any] = {}
    for number, fact in enumerate(facts):
        stands = fact.withdrawn_at is None and getattr(fact, "ends_at", None) is None
        found.setdefault(key(fact) if stands else number, fact)
    return tuple(found.values())


def mentor(
    dice: Dice, number: int, organizations: Sequence[model.Organization], chapters: Sequence[model.Chapter]
) -> model.Mentor:
    name = f"usr_{number:02}"
    home = dice.one_of(organizations)
    own = [chapter.id for chapter in chapters if chapter.organization == home.id]
    joined_at = dice.edge() if dice.seldom(4) else LONG_AGO
    left_at = max(joined_at, dice.edge()) if dice.seldom(8) else None
    memberships = [
        span(dice, partial(model.Membership, chapter=dice.one_of(own)), open_ended=2) for _ in range(dice.upto(2))
    ]
    pauses = [span(dice, model.Pause, open_ended=4) for _ in range(dice.upto(2) if dice.seldom(2) else 0)]
    trigger_types = ("inactivity", "activity_missed", "certification_expiry", "below_weekly_target", "")
    opt_outs = [
        model.OptOut(trigger_type=dice.one_of(trigger_types), **dice.recording(dice.edge(ahead=0)))
        for _ in range(dice.upto(1))
    ]
    talks = [talk(dice, home) for _ in range(dice.upto(1))]
    return model.Mentor(
        id=name,
        organization=home,
        joined_at=joined_at,
        recorded_at=dice.edge(ahead=0) if dice.seldom(10) else LONG_AGO,
        left_at=left_at,
        left_recorded_at=left_at and (dice.edge() if dice.seldom(2) else left_at),
        targets={what: dice.one_of((2, 60, 1_000, 0)) for what in ("distance", "minutes", "count") if dice.seldom(3)},
        memberships=once(memberships, lambda row: row.chapter),
        pauses=once(pauses, lambda row: "open"),
        opt_outs=once(opt_outs, lambda row: row.trigger_type),
        conversations=tuple(model.Conversation(contacted_at=at, **dice.recording(at)) for at in talks),
        activities=tuple(activity(dice, f"act_{number:02}_{n}") for n in range(dice.upto(4))),
        certifications=tuple(certification(dice, f"cert_{number:02}_{n}") for n in range(dice.upto(3))),
    )
