"""Preview a rule before it is saved, and backtest the rules over past days: the production evaluator in a sandbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Greatest

from .. import gates
from ..engine import Frame, Hits, Range, in_force, judge
from ..models import Activity, Decision, Organization, PeerMentor, RuleVersion
from ..models.rules import Judged
from ..operations.deciding import Origin, insert
from ..operations.settling import STALE_AFTER, no_longer_due, settle
from .relogging import Logging, Loggings, Rules, judge_again, loggings, with_draft
from .sandbox import DRAFT, sandbox

EVERYBODY = Range(0, 2**63 - 1)
NEW_RULE = "rule_draft"
DAY = timedelta(days=1)

# Activities are judged one by one, each within some milliseconds; somebody waits for the answer.
TRIED_DAYS = 30
MOST_TRIED = 500
MOST_RELOGGED = 2_000


@dataclass(frozen=True)
class WouldHear:
    """One rule that would fire on one mentor; `reason` is empty where the mentor would be told.

    `logged_at` is when the activity on which it fires became known, for rules that are judged on activities.
    """

    mentor_id: int
    user_id: str
    organization: Organization
    version: RuleVersion
    subject: str
    occasion: str
    readings: dict
    reason: str
    logged_at: datetime | None = None

    @property
    def sentence(self) -> str:
        return self.version.trigger.explain(self.readings, self.version, self.organization.zone)


def dry_run(*, now: datetime, draft: RuleVersion | None = None) -> list[WouldHear]:
    """Return what a run at `now` would decide, with a draft in the place of its rule; nothing is written."""
    versions = with_draft(in_force(now), draft)
    with sandbox(draft=draft):
        hits = judge(versions, EVERYBODY, Frame.at(now))
        reasons = gates.weigh(hits, now) if hits else []
        return _would_hear(hits, reasons, versions)


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


def try_on_activities(draft: RuleVersion, *, now: datetime) -> Tried:
    """Return on which activities of the last TRIED_DAYS a rule would have fired if it had been there, oldest first.

    Each is weighed beside the other rules for activities, one after the other, so that cooldowns and priorities count;
    what daily runs told in that time doesn't.
    """
    draft.rule_id = draft.rule_id or NEW_RULE
    first = now - timedelta(days=TRIED_DAYS)
    logged = loggings((first, now), most=MOST_TRIED, all_of_them=True, scope=draft)
    mentor_ids = sorted({logging.activity.mentor_id for logging in logged.newest})
    with sandbox(as_of=first, draft=draft, mentor_ids=mentor_ids):
        rows = _relog(logged.newest, Rules(draft))
    return Tried([row for row in rows if row.version.pk == DRAFT], len(logged.newest), logged.total)


@dataclass(frozen=True)
class SimulatedDay:
    """What the run at `instant` would decide, and the activities from then until the next; `relogged` is how many."""

    instant: datetime
    decisions: list[WouldHear]
    relogged: int = 0


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
    takes the place of its rule on every day. The activities that were evaluated in between are judged when that was;
    for a draft that is judged on activities all that were logged, see `relogged_of`.
    """
    days = []
    instants = sorted(instants)
    if draft is not None:
        draft.rule_id = draft.rule_id or NEW_RULE
    logged = _logged_in(instants, draft, now=now, hindsight=hindsight).newest
    with sandbox(as_of=instants[0], draft=draft):
        rules = Rules(draft)
        for instant, until in zip(instants, [*instants[1:], now], strict=True):
            _tell_what_is_due(instant)
            frame = Frame(instant=instant, known_at=now if hindsight else instant, decided_at=instant)
            versions = rules.at(instant)
            hits = judge(versions, EVERYBODY, frame)
            origin = Origin(run_id=instant.isoformat())
            reasons = insert(hits, frame, origin, known_at=frame.known_at) if hits else []
            decisions = _would_hear(hits, reasons, versions)
            of_the_day = [logging for logging in logged if instant <= logging.at < until]
            decisions += _relog(of_the_day, rules, known_at=now if hindsight else None)
            days.append(SimulatedDay(instant, decisions, len(of_the_day)))
    return days


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


def _relog(logged: Sequence[Logging], rules: Rules, *, known_at: datetime | None = None) -> list[WouldHear]:
    """Judge activities one after the other, each as things were known then unless `known_at` says otherwise."""
    fired = Hits()
    reasons: list[str] = []
    moments: list[datetime | None] = []
    versions: dict[int, RuleVersion] = {}
    next_due = _next_due()
    for logging in logged:
        if next_due and next_due <= logging.at:
            _tell_what_is_due(logging.at)
            next_due = _next_due()
        hits, why, holding = judge_again(logging, rules.at(logging.at), known_at=known_at or logging.at)
        if hits:
            if logging.at - logging.activity.completed_at > STALE_AFTER or any(
                version.delay_hours for version in holding
            ):
                next_due = _next_due()
            for hit in zip(*hits.values().values(), strict=True):
                fired.add(*hit)
            reasons += why
            moments += [logging.at] * len(hits)
            versions |= {version.pk: version for version in holding}
    return _would_hear(fired, reasons, list(versions.values()), moments)


def _delayed() -> QuerySet[Any]:
    """Return what waits for long enough that it may come untrue, or was logged so late that it is of no use."""
    pending = Decision.objects.filter(
        Q(scheduled_for__gt=F("decided_at")) | Q(scheduled_for__lt=F("decided_at") - STALE_AFTER, run_id__isnull=True),
        outcome=Decision.Outcome.PENDING,
    )
    return pending.annotate(due_at=Greatest("scheduled_for", "decided_at"))


def _next_due() -> datetime | None:
    return _delayed().aggregate(next=Min("due_at"))["next"]


def _tell_what_is_due(instant: datetime) -> None:
    """Look again at what was delayed until now, when it was due, and take the rest as told."""
    due = _delayed().filter(due_at__lte=instant).order_by("due_at", "id")
    for due_at, rows in groupby(due.values_list("due_at", "id"), key=lambda row: row[0]):
        ids = [pk for _due_at, pk in rows]
        withdrawn = no_longer_due(ids, now=due_at)
        for pk, reason in withdrawn.items():
            settle([pk], told=False, reason=reason, now=due_at)
        settle([pk for pk in ids if pk not in withdrawn], told=True, now=due_at)


def _would_hear(
    hits: Hits, reasons: Sequence[str], versions: Sequence[RuleVersion], moments: Sequence[datetime | None] = ()
) -> list[WouldHear]:
    """Put decisions as they are shown, by mentor; `moments` say for each when its activity became known."""
    by_id = {version.pk: version for version in versions}
    organizations = Organization.objects.in_bulk()
    people = PeerMentor.objects.filter(pk__in=set(hits.mentor_ids)).values_list("pk", "user_id", "organization_id")
    mentors = {pk: (user_id, organizations[organization_id]) for pk, user_id, organization_id in people}
    columns = (hits.mentor_ids, hits.version_ids, hits.subjects, hits.occasions, hits.readings, reasons)
    rows = [
        WouldHear(mentor_id, *mentors[mentor_id], by_id[version_id], subject, occasion, json.loads(reading), reason, at)
        for mentor_id, version_id, subject, occasion, reading, reason, at in zip(
            *columns, moments or [None] * len(hits), strict=True
        )
    ]
    return sorted(rows, key=lambda row: (row.mentor_id, row.version.priority, row.version.rule_id, row.subject))


def logged_late(first: datetime, last: datetime) -> int:
    """Return how many activities were recorded between two instants more than a day after they were done."""
    late = F("recorded_at") - timedelta(days=1)
    return Activity.objects.filter(recorded_at__range=(first, last), completed_at__lt=late).count()
