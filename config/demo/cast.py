"""Who is in the demo: the people whom the contracts print, and many more around them.

What the contracts print is fixed, everything else is dated back from the moment of seeding.
"""

from datetime import UTC, datetime
from random import Random

from .parts import BASIC, Course, Part, Told, days
from .places import BERGEN, BOSTON, CHAPTERS, OSLO
from .rules import INACTIVITY
from .situations import ACTIVE, AWAY, PROGRAMME, well


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
            silence=(utc(2026, 3, 20, 7), utc(2026, 3, 25, 0)),
            only="run",
            # The run of 20 March and the posted one make more than 60 % of this.
            weekly_distance_meters=14_000,
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
        situations += [well] * (ACTIVE[organization] - known - busy)
        for situation in situations:
            part = _part(f"usr_mentor_{next(numbers)}", organization, now, dice)
            situation(part, now, dice)
            parts.append(part)
    dice.shuffle(parts)
    return parts


def _part(user_id: str, organization: str, now: datetime, dice: Random) -> Part:
    """Return a mentor whom no rule has anything to say to, this day or the next."""
    chapters = [chapter_id for chapter_id, _name in CHAPTERS[organization]]
    return Part(
        user_id,
        organization,
        dice.sample(chapters, 2 if dice.random() < 0.1 else 1),
        joined_at=now - days(dice.uniform(380, 2500)),
        last=now - days(dice.uniform(0.4, 4)),
        courses=[Course(BASIC[organization], now + days(dice.uniform(90, 700)))],
        weekly_distance_meters=15_000 if organization == BOSTON and dice.random() < 0.3 else None,
    )


def utc(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)
