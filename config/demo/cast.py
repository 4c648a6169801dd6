"""Who is in the demo, and what is going on with each: the contract's people, and a programme of situations around them.

Whatever a daily rule must see is dated back from the moment of seeding; only the instants that the contract prints are
fixed. `told` is what somebody was told earlier, which is what the gates look at.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from .places import BERGEN, BOSTON, CHAPTERS, OSLO
from .rules import CERTIFICATION, INACTIVITY, INACTIVITY_BERGEN

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


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# What can be going on with a mentor. Each function alters a part that is active and well.


def silent(part: Part, now: datetime, dice: Random) -> None:
    """Longer than any rule allows."""
    part.last = now - days(dice.uniform(16, 60))


def silent_for_bergen(part: Part, now: datetime, dice: Random) -> None:
    """Longer than Bergen's own rule allows, and not yet as long as the shared one would."""
    part.last = now - days(dice.uniform(8, 11))


def expiring(part: Part, now: datetime, dice: Random) -> None:
    part.courses[0].expires_at = now + days(dice.uniform(6, 27))


def silent_and_expiring(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    expiring(part, now, dice)


def never_logged(part: Part, now: datetime, dice: Random) -> None:
    part.joined_at, part.last = now - days(dice.uniform(20, 40)), None


def just_joined(part: Part, now: datetime, dice: Random) -> None:
    part.joined_at, part.last = now - days(dice.uniform(1, 4)), None


def silent_and_opted_out(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.opt_outs = [""]


def silent_without_reminders(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.opt_outs = ["inactivity"]


def expiring_without_reminders(part: Part, now: datetime, dice: Random) -> None:
    expiring(part, now, dice)
    part.opt_outs = ["certification_expiry"]


def opted_out(part: Part, now: datetime, dice: Random) -> None:
    part.opt_outs = [""]


def silent_but_talked_to(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.talked_at = now - days(dice.uniform(2, 4))


def told_lately(part: Part, now: datetime, dice: Random) -> None:
    """Told of the silence some days ago, and silent still."""
    part.last = now - days(dice.uniform(28, 60))
    told_at = now - days(dice.uniform(4, 9))
    part.told = [Told(part.inactivity_rule, told_at, (part.last, told_at))]


def told_today(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.told = [Told(part.inactivity_rule, now, (part.last, now))]


def told_twice_this_week(part: Part, now: datetime, dice: Random) -> None:
    """Told of a silence that then ended, told of one certification, and now a second one comes due."""
    part.silence = (now - days(25), now - days(4))
    part.last = now - days(4)
    part.courses = [
        Course(BASIC[part.organization], now + days(27.5)),
        Course(FURTHER[part.organization], now + days(29)),
    ]
    told_at, told_again_at = now - days(5), now - days(2)
    part.told = [
        Told(part.inactivity_rule, told_at, (part.silence[0], told_at)),
        Told(CERTIFICATION, told_again_at, (told_again_at, part.courses[0].expires_at), course=0),
    ]


def renewed(part: Part, now: datetime, dice: Random) -> None:
    """The certification that expires soon has a successor."""
    part.courses.append(Course(part.courses[0].kind, now + days(720)))
    expiring(part, now, dice)


def expired(part: Part, now: datetime, dice: Random) -> None:
    part.courses.append(Course(FURTHER[part.organization], now - days(dice.uniform(20, 200))))


def back_from_a_pause(part: Part, now: datetime, dice: Random) -> None:
    """Nothing logged for months, but the pause ended only days ago."""
    part.last = now - days(dice.uniform(90, 120))
    part.pauses = [(part.last + days(2), now - days(dice.uniform(2, 5)))]


def paused(part: Part, now: datetime, dice: Random) -> None:
    part.last = now - days(dice.uniform(30, 150))
    part.pauses = [(part.last + days(dice.uniform(1, 10)), None)]


def left(part: Part, now: datetime, dice: Random) -> None:
    part.left_at = now - days(dice.uniform(10, 300))
    part.last = part.left_at - days(dice.uniform(5, 60))


# How many of each; together with the contract's four people, 23 of 148 are told on the first day. The rest are well.
PROGRAMME = {
    OSLO: (
        (silent, 4),
        (expiring, 3),
        (silent_and_expiring, 1),
        (never_logged, 1),
        (silent_and_opted_out, 1),
        (silent_without_reminders, 1),
        (silent_but_talked_to, 1),
        (told_lately, 1),
        (told_today, 1),
        (told_twice_this_week, 1),
        (opted_out, 2),
        (just_joined, 1),
        (renewed, 2),
        (expired, 1),
        (back_from_a_pause, 2),
        (paused, 4),
        (left, 3),
    ),
    BERGEN: (
        (silent_for_bergen, 3),
        (expiring, 2),
        (silent_and_opted_out, 1),
        (silent_but_talked_to, 1),
        (told_lately, 1),
        (opted_out, 1),
        (renewed, 1),
        (back_from_a_pause, 1),
        (paused, 2),
        (left, 2),
    ),
    BOSTON: (
        (silent, 3),
        (expiring, 2),
        (silent_and_expiring, 1),
        (never_logged, 1),
        (expiring_without_reminders, 1),
        (silent_but_talked_to, 1),
        (told_twice_this_week, 1),
        (just_joined, 1),
        (expired, 1),
        (paused, 2),
        (left, 2),
    ),
}
AWAY = (paused, left)
ACTIVE = {OSLO: 68, BERGEN: 44, BOSTON: 36}


def contract_cast(now: datetime) -> list[Part]:
    """Return the people whom the contracts print, in their order."""
    joined = utc(2023, 9, 1, 8)
    long_silent = now - days(75)
    told_at = now - days(6)
    return [
        Part(
            "usr_mentor_7821",
            OSLO,
            ["ch_oslo_001"],
            joined,
            last=utc(2026, 3, 24, 12),
            courses=[Course(BASIC[OSLO], now + days(400))],
        ),
        Part(
            "usr_mentor_4402",
            BERGEN,
            ["ch_bergen_001"],
            joined,
            last=utc(2026, 3, 20, 9),
            courses=[Course(BASIC[BERGEN], now + days(20.5))],
        ),
        Part(
            "usr_mentor_5503",
            OSLO,
            ["ch_oslo_003"],
            joined,
            last=long_silent,
            courses=[Course(BASIC[OSLO], now + days(300))],
            told=[Told(INACTIVITY, told_at, (long_silent, told_at))],
        ),
        # Four days before the run of 24 March that the second contract posts, nothing since; then running again.
        Part(
            "usr_4bc8d2",
            BOSTON,
            ["ch_boston_001"],
            joined,
            last=max(now - days(1.5), utc(2026, 3, 25, 18)),
            silence=(utc(2026, 3, 20, 7), utc(2026, 3, 25)),
            only="run",
            courses=[Course(BASIC[BOSTON], now + days(500))],
        ),
    ]


def supporting_cast(now: datetime, dice: Random) -> list[Part]:
    """Return everybody else, in an order that mixes the organisations and the situations."""
    numbers = iter(dice.sample([n for n in range(1000, 10_000) if n not in (7821, 4402, 5503)], 400))
    parts = []
    for organization, programme in PROGRAMME.items():
        known = sum(part.organization == organization for part in contract_cast(now))
        busy = sum(count for situation, count in programme if situation not in AWAY)
        situations = [situation for situation, count in programme for _ in range(count)]
        situations += [None] * (ACTIVE[organization] - known - busy)
        for situation in situations:
            part = _well(f"usr_mentor_{next(numbers)}", organization, now, dice)
            if situation:
                situation(part, now, dice)
            parts.append(part)
    dice.shuffle(parts)
    return parts


def _well(user_id: str, organization: str, now: datetime, dice: Random) -> Part:
    """Return a mentor whom no rule has anything to say to, this day or the next."""
    chapters = [chapter_id for chapter_id, _name in CHAPTERS[organization]]
    return Part(
        user_id,
        organization,
        dice.sample(chapters, 2 if dice.random() < 0.1 else 1),
        joined_at=now - days(dice.uniform(380, 2500)),
        last=now - days(dice.uniform(0.4, 4)),
        courses=[Course(BASIC[organization], now + days(dice.uniform(90, 700)))],
    )
