"""What a preview and a backtest say: put together once, phrased by the API and by the admin's pages."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scenarios import what_if
from scenarios.models import PeerMentor, RuleVersion
from scenarios.models.rules import Judged
from scenarios.what_if.simulation import Progress, no_progress

from . import days

# The API and the pages ask for the same.
PERMISSIONS = ("scenarios.view_rule", "scenarios.view_decision", "scenarios.view_peermentor")
MOST_SHOWN = 200
# Over all days of a backtest: an answer stays well below 1 MB.
MOST_NAMED = 1_400
MOST_TOLD = 20


def preview(draft: RuleVersion, *, now: datetime, progress: Progress = no_progress) -> dict[str, Any]:
    """Return whom a rule would touch if it were saved now."""
    activities = None
    if draft.judged == Judged.ACTIVITY:
        tried = what_if.try_on_activities(draft, now=now, progress=progress)
        rows, activities = tried.rows, {"weighed": tried.weighed, "logged": tried.total}
    else:
        rows = what_if.preview(draft, now=now)
    reasons = Counter(row.reason for row in rows)
    return counted(reasons) | {"activities": activities, "mentors": rows[:MOST_SHOWN]}


def backtest(  # noqa: PLR0913 (each by its name)
    number: int,
    *,
    now: datetime,
    draft: RuleVersion | None,
    hindsight: bool,
    alone: bool = False,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Return what the last so many days would have brought; `alone` counts the draft's own decisions only."""
    dates = days.last_days(number, now=now)
    instants = days.instants_of(dates, now=now)
    simulated = what_if.simulate(
        instants,
        now=now,
        draft=draft,
        hindsight=hindsight,
        alone=alone,
        most=min(MOST_SHOWN, MOST_NAMED // number),
        progress=progress,
    )
    most = simulated.told.most_common(MOST_TOLD)
    user_ids = dict(PeerMentor.objects.filter(pk__in=[pk for pk, _n in most]).values_list("pk", "user_id"))
    return {
        "mode": "hindsight" if hindsight else "as_known",
        "logged_late": what_if.logged_late(instants[0], instants[-1]),
        "activities": {"weighed": simulated.weighed, "logged": simulated.logged},
        "days": [
            counted(day.reasons) | {"date": on, "instant": day.instant, "mentors": day.decisions}
            for on, day in zip(dates, simulated.days, strict=True)
        ],
        "mentors_told": len(simulated.told),
        "most_told": [{"user_id": user_ids[pk], "told": count} for pk, count in most],
    }


def counted(reasons: Mapping[str, int]) -> dict[str, Any]:
    held = Counter(reasons)
    told = held.pop("", 0)
    return {"fires": told + held.total(), "told": told, "held_back": dict(held.most_common())}
