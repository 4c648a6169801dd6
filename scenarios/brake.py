"""The brake: whether what an organisation is about to be told is like what it is usually told.

A pure comparison of numbers. What is found is said in one sentence, for people who know nothing of databases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Days that are looked back on. One more than thirty: whom a cooldown of 30 days let go comes again on the 31st.
PAST_DAYS = 31
# With fewer days than that nothing is usual yet, and the limit alone judges.
ENOUGH_DAYS = 7
# How often the busiest day of the past may be exceeded.
TIMES_THE_BUSIEST = 2.5
# A day as busy as one that was let through lately is nothing new, whatever the limit says.
AS_BUSY = 1.25
# Nothing recorded for so long, and for so many times as long as the longest silence of the past.
LONGEST_SILENCE, TIMES_THE_SILENCE = timedelta(hours=60), 2.5
# By how much the number of active mentors may change from one day to the next.
MOST_CHANGE = 0.3
ENOUGH_COUNTS = 3
LATELY = 14


@dataclass(frozen=True)
class Day:
    """What an organisation came to on one day: `told` are mentors by scenario, `newest` its newest fact, if known."""

    on: date
    at: datetime
    active: int
    told: Mapping[str, int] = field(default_factory=dict)
    newest: datetime | None = None
    # A person has looked at it and let it through.
    released: bool = False

    @property
    def total(self) -> int:
        return sum(self.told.values())

    @property
    def silence(self) -> timedelta:
        return self.at - self.newest if self.newest else timedelta(0)


@dataclass(frozen=True)
class Terms:
    """What an organisation allows: a share in percent of its mentors, and how few people are never too many."""

    limit_percent: int
    fewest: int


@dataclass(frozen=True)
class Share:
    """How many of whom hear of one scenario: of the organisation, or of a chapter.

    `since` is the rule's first day; `by_activities` says whether it fires where activities are missing.
    """

    scenario: str
    rule: str
    told: int
    active: int
    chapter: str = ""
    since: date | None = None
    by_activities: bool = True


@dataclass(frozen=True)
class TooMany:
    share: Share
    limit_percent: int
    usual: int | None

    def __str__(self) -> str:
        where = _(" of the chapter %(name)s") % {"name": self.share.chapter} if self.share.chapter else ""
        said = _("%(told)d of %(active)d mentors%(where)s would hear “%(rule)s” today; %(usual)s.") % {
            "told": self.share.told,
            "active": self.share.active,
            "where": where,
            "rule": self.share.rule,
            "usual": _("usually it is %(count)d") % {"count": self.usual}
            if self.usual is not None
            else _("the limit is %(percent)d %%") % {"percent": self.limit_percent},
        }
        return f"{said} {_('Was an import of activities lost?')}"


@dataclass(frozen=True)
class NothingNew:
    silence: timedelta
    longest: timedelta

    def __str__(self) -> str:
        return _(
            "No activity was recorded for %(now)s; lately it was never longer than %(usual)s. Has an import stopped?"
        ) % {
            "now": in_days(self.silence),
            "usual": in_days(self.longest, up=True),
        }


@dataclass(frozen=True)
class OtherPeople:
    active: int
    before: int

    def __str__(self) -> str:
        return _(
            "There are %(active)d active mentors today; lately there were %(before)d. Was the list of mentors imported"
            " as a whole, and once?"
        ) % {"active": self.active, "before": self.before}


Finding = TooMany | NothingNew | OtherPeople


def implausible(today: Day, past: Sequence[Day], shares: Sequence[Share], terms: Terms) -> Finding | None:
    """Return what is wrong with a day, or None. `past` are the days that were let through, in any order.

    Where nobody would be told, nothing can be wrong.
    """
    if not today.total:
        return None
    return too_many(past, shares, terms) or other_people(today, past, terms) or nothing_new(today, past, shares)


def too_many(past: Sequence[Day], shares: Sequence[Share], terms: Terms) -> TooMany | None:
    """Return the largest share over the limit, or far over the organisation's own busiest day."""
    for share in sorted(shares, key=lambda share: (-share.told, share.chapter)):
        if share.told < terms.fewest:
            break
        days = [] if share.chapter else [day for day in past if share.since is None or day.on > share.since]
        counts = [day.told.get(share.scenario, 0) for day in days]
        busiest = max(counts, default=0)
        known = len(counts) >= ENOUGH_DAYS
        over = share.told * 100 > terms.limit_percent * share.active and share.told > AS_BUSY * busiest
        if over or (known and share.told > TIMES_THE_BUSIEST * max(busiest, 1)):
            return TooMany(share, terms.limit_percent, round(median(counts)) if known else None)
    return None


def nothing_new(today: Day, past: Sequence[Day], shares: Sequence[Share]) -> NothingNew | None:
    """Return the silence where nothing is recorded for much longer than it ever lasted lately.

    It matters only to rules that go by activities.
    """
    known = [day for day in past if day.newest is not None]
    if today.newest is None or len(known) < ENOUGH_DAYS or not any(share.by_activities for share in shares):
        return None
    # The days of this very silence don't make it usual, but for a person who has let one of them through.
    if any(day.released and day.newest == today.newest for day in known):
        return None
    longest = max((day.silence for day in known if day.newest != today.newest), default=timedelta(0))
    if today.silence <= max(LONGEST_SILENCE, TIMES_THE_SILENCE * longest):
        return None
    return NothingNew(today.silence, longest)


def other_people(today: Day, past: Sequence[Day], terms: Terms) -> OtherPeople | None:
    """Return the numbers where active mentors came or went in a crowd since somebody last looked."""
    lately: list[int] = []
    for day in sorted(past, key=lambda day: day.on, reverse=True)[:LATELY]:
        lately.append(day.active)
        if day.released:
            break
    released = bool(lately) and len(lately) < ENOUGH_COUNTS and any(day.released for day in past)
    if len(lately) < ENOUGH_COUNTS and not released:
        return None
    before = round(median(lately))
    change = abs(today.active - before)
    if change < terms.fewest or change <= MOST_CHANGE * before:
        return None
    return OtherPeople(today.active, before)


def usual(past: Sequence[Day]) -> int | None:
    """Return how many mentors are told on a middling day; None where there are too few days to say."""
    return round(median(day.total for day in past)) if len(past) >= ENOUGH_DAYS else None


def in_days(length: timedelta, *, up: bool = False) -> str:
    """Return a length in whole days, rounded up or down; at least one."""
    days = max(1, -(-length // timedelta(days=1)) if up else length // timedelta(days=1))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
