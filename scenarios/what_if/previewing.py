"""Whom a rule would touch if it were saved now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import gates
from ..engine import Frame, Range, in_force, judge
from ..models import RuleVersion
from ..models.rules import Judged
from .firing import WouldHear, by_mentor, would_hear
from .relogging import Rules, loggings, with_draft
from .sandbox import DRAFT, sandbox
from .simulation import Progress, Simulation, no_progress

EVERYBODY = Range(0, 2**63 - 1)
NEW_RULE = "rule_draft"
TRIED_DAYS = 30
MOST_TRIED = 500


def dry_run(*, now: datetime, draft: RuleVersion | None = None) -> list[WouldHear]:
    """Return what a run at `now` would decide, with a draft in the place of its rule; nothing is written."""
    versions = with_draft(in_force(now), draft)
    with sandbox(draft=draft):
        hits = judge(versions, EVERYBODY, Frame.at(now))
        reasons = gates.weigh(hits, now) if hits else []
        columns = (hits.mentor_ids, hits.version_ids, hits.subjects, hits.occasions, hits.readings, reasons)
        fired = [(*row, None) for row in zip(*columns, strict=True)]
        return sorted(would_hear(fired, versions), key=by_mentor)


def preview(draft: RuleVersion, *, now: datetime) -> list[WouldHear]:
    """Return whom a rule would touch if it were saved now: everybody on whom it fires, told or held back.

    For one that is judged on activities: what it would have done lately, see `try_on_activities`.
    """
    draft.rule_id = draft.rule_id or NEW_RULE
    if draft.judged == Judged.ACTIVITY:
        return try_on_activities(draft, now=now).rows
    return [row for row in dry_run(now=now, draft=draft) if row.version.pk == DRAFT]


@dataclass(frozen=True)
class Tried:
    """What a rule would have done on `weighed` activities, the newest of the `total` that were logged."""

    rows: list[WouldHear]
    weighed: int
    total: int


def try_on_activities(draft: RuleVersion, *, now: datetime, progress: Progress = no_progress) -> Tried:
    """Return on which activities of the last TRIED_DAYS a rule would have fired if it had been there, by mentor.

    Each is weighed beside the other rules for activities, one after the other, so that cooldowns and priorities count;
    what daily runs told in that time doesn't.
    """
    draft.rule_id = draft.rule_id or NEW_RULE
    first = now - timedelta(days=TRIED_DAYS)
    logged = loggings((first, now), most=MOST_TRIED, all_of_them=True, scope=draft)
    mentor_ids = sorted({logging.activity.mentor_id for logging in logged.newest})
    with sandbox(as_of=first, draft=draft, mentor_ids=mentor_ids):
        simulation = Simulation(Rules(draft), progress)
        simulation.activities(logged.newest, lambda _at: 0)
        simulation.decide(until=now)
        fired = [row[2:] for row in simulation.rows(version_ids=[DRAFT])]
        rows = sorted(would_hear(fired, simulation.versions.values()), key=by_mentor)
    return Tried(rows, len(logged.newest), logged.total)
