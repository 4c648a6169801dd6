"""Who would have heard what on past days: the rules as they were, or one as it is now, in a sandbox."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F

from ..models import Activity, RuleVersion
from ..models.rules import Judged
from .firing import WouldHear, by_mentor, would_hear
from .previewing import EVERYBODY, NEW_RULE
from .relogging import Loggings, Rules, loggings
from .sandbox import DRAFT, sandbox
from .simulation import Progress, Simulation, no_progress

DAY = timedelta(days=1)
MOST_RELOGGED = 2_000


@dataclass(frozen=True)
class SimulatedDay:
    """What the run at `instant` would decide, and the activities from then until the next; `relogged` is how many.

    `reasons` counts all of it, the empty one being told; `decisions` may be the first of many.
    """

    instant: datetime
    decisions: list[WouldHear]
    relogged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Simulated:
    """All days, oldest first, and how often each mentor would have been told something, by internal id."""

    days: list[SimulatedDay]
    told: Counter[int]
    weighed: int
    logged: int


def backtest(
    instants: Sequence[datetime], *, now: datetime, draft: RuleVersion | None = None, hindsight: bool = False
) -> list[SimulatedDay]:
    """Return who would have heard what on each of some past days, oldest first, everybody by name."""
    return simulate(instants, now=now, draft=draft, hindsight=hindsight).days


def simulate(  # noqa: PLR0913 (each by its name)
    instants: Sequence[datetime],
    *,
    now: datetime,
    draft: RuleVersion | None = None,
    hindsight: bool = False,
    alone: bool = False,
    most: int | None = None,
    progress: Progress = no_progress,
) -> Simulated:
    """Return what some past days would have brought.

    Each day is weighed as its facts were known on that day, by the rules of that day; cooldowns, priorities and caps
    are carried along from what really stood before the first. With `hindsight`, as the facts are known now. A draft
    takes the place of its rule on every day; `alone` counts only its own decisions. The activities that were evaluated
    in between are judged when that was; for a draft that is judged on activities all that were logged. `most` is how
    many decisions of each day are named.
    """
    instants = sorted(instants)
    if draft is not None:
        draft.rule_id = draft.rule_id or NEW_RULE
    logged = _logged_in(instants, draft, now=now, hindsight=hindsight)
    with sandbox(as_of=instants[0], draft=draft):
        simulation = Simulation(Rules(draft), progress, known_at=now if hindsight else None)
        simulation.days(instants, lo=EVERYBODY.lo, hi=EVERYBODY.hi)
        of_the_days = [logging for logging in logged.newest if instants[0] <= logging.at < now]
        simulation.activities(of_the_days, lambda at: bisect_right(instants, at))
        simulation.decide(until=max([now, *instants]))
        only = [DRAFT] if alone and draft is not None else None
        counts, rows = simulation.counts(only), simulation.rows(most, only)
        shown: dict[int, list[WouldHear]] = {}
        for (part, *_rest), row in zip(
            rows, would_hear([row[2:] for row in rows], simulation.versions.values()), strict=True
        ):
            shown.setdefault(part, []).append(row)
        relogged = Counter(bisect_right(instants, logging.at) for logging in of_the_days)
        days = [
            SimulatedDay(at, sorted(shown.get(n, []), key=_daily_first), relogged[n], counts.get(n, Counter()))
            for n, at in enumerate(instants, 1)
        ]
        return Simulated(days, simulation.told(only), len(logged.newest), logged.total)


def _daily_first(row: WouldHear) -> tuple:
    return (row.logged_at is not None, by_mentor(row))


def _logged_in(instants: Sequence[datetime], draft: RuleVersion | None, *, now: datetime, hindsight: bool) -> Loggings:
    return loggings(
        (min(instants), min(now, max(instants) + DAY)),
        most=MOST_RELOGGED,
        all_of_them=draft is not None and draft.judged == Judged.ACTIVITY,
        hindsight=hindsight,
    )


def relogged_of(instants: Sequence[datetime], *, now: datetime, draft: RuleVersion | None = None) -> tuple[int, int]:
    """Return on how many activities a backtest looks, the newest, and how many there were."""
    logged = _logged_in(instants, draft, now=now, hindsight=False)
    return len(logged.newest), logged.total


def logged_late(first: datetime, last: datetime) -> int:
    """Return how many activities were recorded between two instants more than a day after they were done."""
    late = F("recorded_at") - timedelta(days=1)
    return Activity.objects.filter(recorded_at__range=(first, last), completed_at__lt=late).count()
