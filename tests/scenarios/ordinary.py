"""Ordinary years in plain Python: volunteers who log weekly, late, in lumps, less in July, at Easter, at Christmas."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from scenarios import brake

BEGINS = date(2026, 1, 1)
IDLE_DAYS, COOLDOWN_DAYS = 14, 30
# Monday to Sunday: most is done in the middle of the week.
WEEK = (1.0, 1.3, 1.4, 1.3, 0.9, 0.35, 0.4)
EASTER = {2025: date(2025, 4, 20), 2026: date(2026, 4, 5), 2027: date(2027, 3, 28)}
SIX = timedelta(hours=5)
# As an organisation has them unless it says otherwise.
TERMS = brake.Terms(limit_percent=25, fewest=8)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def season(day: date) -> float:
    """Return which part of an ordinary day's activities is done on this one."""
    if (day.month, day.day) in ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1)):
        return 0.05
    if (day.month, day.day) >= (12, 21) or (day.month, day.day) <= (1, 2):
        return 0.15
    if -8 <= (day - EASTER[day.year]).days <= 1:
        return 0.35
    if day.month == 7:
        return 0.4
    return 1.0


@dataclass
class Volunteer:
    """`pace`: activities in an ordinary week. `days_late`: how long after the deed it is logged."""

    pace: float
    days_late: float
    joined: date
    left: date | None = None
    pauses: list[tuple[date, date]] = field(default_factory=list)

    def is_active(self, day: date) -> bool:
        return (
            self.joined <= day
            and (self.left is None or day < self.left)
            and not any(first <= day < last for first, last in self.pauses)
        )

    def counted_from(self, day: date) -> datetime:
        """Return from when a silence is counted at the earliest: joining, or the end of the last pause."""
        return midnight(max([self.joined, *(last for _first, last in self.pauses if last <= day)]))


@dataclass
class Logged:
    """One activity: whose, when it was done, and when it was recorded."""

    whose: int
    done: datetime
    recorded: datetime


def people(size: int, dice: Random) -> list[Volunteer]:
    volunteers = []
    for _n in range(size):
        pace = dice.choices((2.5, 1.2, 0.7, 0.3), (2, 5, 2, 1))[0] * dice.uniform(0.7, 1.3)
        one = Volunteer(pace, dice.choices((0.1, 1.5, 5), (6, 3, 1))[0], BEGINS - timedelta(days=400))
        fate = dice.random()
        if fate < 0.08:
            one.joined = BEGINS + timedelta(days=dice.randint(0, 364))
        elif fate < 0.14:
            one.left = BEGINS + timedelta(days=dice.randint(0, 364))
        if dice.random() < 0.15:
            first = BEGINS + timedelta(days=dice.randint(0, 364))
            one.pauses.append((first, first + timedelta(days=dice.randint(10, 60))))
        volunteers.append(one)
    return volunteers


def log_of(volunteers: list[Volunteer], dice: Random, *, first: date, last: date) -> list[Logged]:
    """Return what they did and logged, from the first day to the last."""
    entries = []
    for whose, one in enumerate(volunteers):
        day = max(first, one.joined)
        while day <= last:
            chance = one.pace / 6.65 * WEEK[day.weekday()] * season(day)
            if one.is_active(day) and dice.random() < chance:
                done = midnight(day) + timedelta(minutes=dice.randint(8 * 60, 20 * 60))
                late = timedelta(days=dice.expovariate(1 / one.days_late), minutes=30)
                entries.append(Logged(whose, done, done + late))
            day += timedelta(days=1)
    return entries


@dataclass
class Weighed:
    """What a day's run finds."""

    on: date
    active: int
    told: int
    at: datetime
    newest: datetime | None


def weigh(volunteers, entries, *, first: date, days: int, idle_days: int = IDLE_DAYS, told_on=None) -> list[Weighed]:
    """Return each day's run at six: who has logged nothing for a fortnight, and wasn't told for a month.

    `told_on` is when each was told last; it goes on being written to.
    """
    told_on = {} if told_on is None else told_on
    waiting = sorted(entries, key=lambda entry: entry.recorded, reverse=True)
    latest: dict[int, datetime] = {}
    newest = None
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        now = midnight(day) + SIX
        while waiting and waiting[-1].recorded <= now:
            entry = waiting.pop()
            latest[entry.whose] = max(entry.done, latest.get(entry.whose, entry.done))
            newest = entry.recorded
        active = [whose for whose, one in enumerate(volunteers) if one.is_active(day)]
        idle = [
            whose
            for whose in active
            if now - max(volunteers[whose].counted_from(day), latest.get(whose, LONG_AGO)) >= timedelta(days=idle_days)
            and (day - told_on.get(whose, date.min)).days >= COOLDOWN_DAYS
        ]
        told_on.update(dict.fromkeys(idle, day))
        found.append(Weighed(day, len(active), len(idle), now, newest))
    return found


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def year(size: int, seed: int) -> tuple[list[Volunteer], list[Logged]]:
    """Return invented volunteers, and what they log from three months before the year until after its Christmas."""
    dice = Random(seed)
    volunteers = people(size, dice)
    first, last = BEGINS - timedelta(days=90), BEGINS + timedelta(days=379)
    return volunteers, log_of(volunteers, dice, first=first, last=last)


def brake_on(
    days: list[Weighed], past: list[brake.Day], terms: brake.Terms = TERMS
) -> list[tuple[date, brake.Finding]]:
    """Judge one day after the other, and return those that are held; a person releases each of them.

    `past` grows by every day.
    """
    held = []
    for day in days:
        told = {"idle": day.told} if day.told else {}
        lately = [earlier for earlier in past if (day.on - earlier.on).days <= brake.PAST_DAYS]
        shares = [brake.Share("idle", "We miss you", day.told, day.active)] if day.told else []
        today = brake.Day(day.on, day.at, day.active, told, day.newest)
        finding = brake.implausible(today, lately, shares, terms)
        if finding:
            held.append((day.on, finding))
        past.append(replace(today, released=finding is not None))
    return held
