"""Preview a rule before it is saved, and backtest the rules over past days: the production evaluator in a sandbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F

from .. import gates
from ..engine import Frame, Hits, Range, in_force, judge
from ..models import Activity, Decision, Organization, PeerMentor, RuleVersion
from .deciding import Origin, insert
from .sandbox import DRAFT, sandbox
from .settling import no_longer_due, settle

EVERYBODY = Range(0, 2**63 - 1)
NEW_RULE = "rule_draft"


@dataclass(frozen=True)
class WouldHear:
    """One rule that would fire on one mentor; `reason` is empty where the mentor would be told."""

    mentor_id: int
    user_id: str
    organization: Organization
    version: RuleVersion
    subject: str
    occasion: str
    readings: dict
    reason: str

    @property
    def sentence(self) -> str:
        return self.version.trigger.explain(self.readings, self.version, self.organization.zone)


def dry_run(*, now: datetime, draft: RuleVersion | None = None) -> list[WouldHear]:
    """Return what a run at `now` would decide, with a draft in the place of its rule; nothing is written."""
    versions = _with_draft(in_force(now), draft)
    with sandbox(draft=draft):
        hits = judge(versions, EVERYBODY, Frame.at(now))
        reasons = gates.weigh(hits, now) if hits else []
        return _would_hear(hits, reasons, versions)


def preview(draft: RuleVersion, *, now: datetime) -> list[WouldHear]:
    """Return whom a rule would touch if it were saved now: everybody on whom it fires, told or held back."""
    draft.rule_id = draft.rule_id or NEW_RULE
    return [row for row in dry_run(now=now, draft=draft) if row.version.pk == DRAFT]


@dataclass(frozen=True)
class SimulatedDay:
    instant: datetime
    decisions: list[WouldHear]


def backtest(
    instants: Sequence[datetime],
    *,
    now: datetime,
    draft: RuleVersion | None = None,
    hindsight: bool = False,
) -> list[SimulatedDay]:
    """Return who would have heard what on each of some past days, oldest first.

    Each day is weighed as its facts were known on that day, by the rules of that day; cooldowns, priorities and caps
    are carried along from what really stood before the first. With `hindsight`, as the facts are known now. A draft
    takes the place of its rule on every day.
    """
    days = []
    if draft is not None:
        draft.rule_id = draft.rule_id or NEW_RULE
    with sandbox(as_of=min(instants), draft=draft):
        for instant in sorted(instants):
            _tell_what_is_due(instant)
            frame = Frame(instant=instant, known_at=now if hindsight else instant, decided_at=instant)
            versions = _with_draft(in_force(instant), draft)
            hits = judge(versions, EVERYBODY, frame)
            origin = Origin(run_id=instant.isoformat())
            reasons = insert(hits, frame, origin, known_at=frame.known_at) if hits else []
            days.append(SimulatedDay(instant, _would_hear(hits, reasons, versions)))
    return days


def _tell_what_is_due(instant: datetime) -> None:
    """Look again at what was delayed until before this day, when it was due, and take the rest as told."""
    due = Decision.objects.filter(outcome=Decision.Outcome.PENDING, scheduled_for__lte=instant)
    delayed = due.filter(scheduled_for__gt=F("decided_at")).order_by("scheduled_for", "id")
    for due_at, rows in groupby(delayed.values_list("scheduled_for", "id"), key=lambda row: row[0]):
        ids = [pk for _due_at, pk in rows]
        withdrawn = no_longer_due(ids, now=due_at)
        for pk, reason in withdrawn.items():
            settle([pk], told=False, reason=reason, now=due_at)
        settle([pk for pk in ids if pk not in withdrawn], told=True, now=due_at)


def _with_draft(versions: Sequence[RuleVersion], draft: RuleVersion | None) -> list[RuleVersion]:
    if draft is None:
        return list(versions)
    others = [version for version in versions if version.rule_id != draft.rule_id]
    return [*others, draft]


def _would_hear(hits: Hits, reasons: Sequence[str], versions: Sequence[RuleVersion]) -> list[WouldHear]:
    by_id = {version.pk: version for version in versions}
    organizations = Organization.objects.in_bulk()
    people = PeerMentor.objects.filter(pk__in=set(hits.mentor_ids)).values_list("pk", "user_id", "organization_id")
    mentors = {pk: (user_id, organizations[organization_id]) for pk, user_id, organization_id in people}
    rows = [
        WouldHear(mentor_id, *mentors[mentor_id], by_id[version_id], subject, occasion, json.loads(reading), reason)
        for mentor_id, version_id, subject, occasion, reading, reason in zip(
            hits.mentor_ids, hits.version_ids, hits.subjects, hits.occasions, hits.readings, reasons, strict=True
        )
    ]
    return sorted(rows, key=lambda row: (row.mentor_id, row.version.priority, row.version.rule_id, row.subject))


def logged_late(first: datetime, last: datetime) -> int:
    """Return how many activities were recorded between two instants more than a day after they were done."""
    late = F("recorded_at") - timedelta(days=1)
    return Activity.objects.filter(recorded_at__range=(first, last), completed_at__lt=late).count()
