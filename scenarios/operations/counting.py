# ruff: noqa: S608  (put together from the constants of this file; values go in as literals)
"""What a run comes to in each organisation, and what it came to on the last days: the numbers that the brake compares.

A fixed number of statements, however many organisations and mentors there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min, Q
from psycopg import sql

from .. import brake
from ..engine import active, as_subselect
from ..measures import expressions, leaves
from ..models import Chapter, Clearance, Decision, Organization, RuleVersion
from ..models.rules import RuleState

# How far back the newest activity is looked for where nobody has looked before.
FIRST_LOOK = timedelta(days=1)
HISTORY = timedelta(days=brake.PAST_DAYS)
# How many members a chapter has for each that is active, at most.
AWAY = 4

TOLD = (
    "SELECT d.mentor_id, v.scenario_id FROM scenarios_decision d JOIN scenarios_ruleversion v ON v.id ="
    " d.rule_version_id WHERE d.run_id = {run_id} AND d.reason = '' AND d.outcome IN ('pending', 'told')"
)
CURRENT = "f.withdrawn_at IS NULL AND f.starts_at <= {now} AND (f.ends_at IS NULL OR f.ends_at > {now})"
BY_CHAPTER = sql.SQL(
    f"SELECT f.chapter_id, t.scenario_id, count(*) FROM ({TOLD}) t JOIN scenarios_membership f"
    f" ON f.mentor_id = t.mentor_id AND {CURRENT} GROUP BY 1, 2 HAVING count(*) >= {{fewest}}"
)
# Counted no further than is enough: most chapters are done with at once.
MEMBERS = sql.SQL(
    "SELECT c.id, (SELECT count(*) FROM (SELECT FROM scenarios_membership f WHERE f.chapter_id = c.id"
    f" AND {CURRENT} LIMIT c.enough) counted) FROM unnest({{chapters}}::text[], {{enough}}::bigint[]) AS c(id, enough)"
)
IN_CHAPTERS = sql.SQL(
    "SELECT f.chapter_id, count(*) FROM scenarios_membership f JOIN ({mentors}) m ON m.id = f.mentor_id"
    f" WHERE f.chapter_id = ANY({{chapters}}) AND {CURRENT} GROUP BY 1"
)
NEWEST = sql.SQL(
    "SELECT m.organization_id, max(f.recorded_at) FROM scenarios_activity f JOIN scenarios_peermentor m"
    " ON m.id = f.mentor_id WHERE f.withdrawn_at IS NULL AND f.recorded_at > {since} AND f.recorded_at <= {now}"
    " GROUP BY 1"
)

# Active mentors by organisation, where they were counted before.
Numbers = dict[str, int | None]


@dataclass
class Part:
    """What a run comes to in one organisation."""

    organization: Organization
    active: int = 0
    told: Counter = field(default_factory=Counter)
    shares: list[brake.Share] = field(default_factory=list)
    newest: datetime | None = None
    past: list[brake.Day] = field(default_factory=list)

    @property
    def terms(self) -> brake.Terms:
        return brake.Terms(self.organization.brake_limit_percent, self.organization.brake_fewest)

    def finding(self, now: datetime) -> brake.Finding | None:
        today = now.astimezone(self.organization.zone).date()
        day = brake.Day(today, now, self.active, self.told, self.newest)
        return brake.implausible(day, self.past, self.shares, self.terms)


def parts_of(run_id: str, *, now: datetime, whole: bool, known: Numbers | None = None) -> dict[str, Part]:
    """Return the parts of a run by organisation.

    `whole`: also of organisations about whose active mentors nothing was decided. `known` are numbers of active mentors
    that needn't be counted again.
    """
    decided = list(
        Decision.objects.filter(run_id=run_id)
        .order_by()
        .values_list("organization_id", "rule_version_id")
        .annotate(told=Count("pk", filter=Q(reason="", outcome__in=[Decision.Outcome.PENDING, Decision.Outcome.TOLD])))
    )
    present = _active(now, {row[0] for row in decided}, whole=whole, known=known or {})
    names = {row[0] for row in decided} | set(present)
    parts = {pk: Part(organization) for pk, organization in Organization.objects.in_bulk(names).items()}
    for pk, part in parts.items():
        part.active = present.get(pk, 0)
    versions = RuleVersion.objects.in_bulk({version for _pk, version, told in decided if told})
    _add_told(parts, [(pk, versions[version], told) for pk, version, told in decided if told], now)
    _add_chapters(parts, run_id, now)
    _add_past(parts, run_id, now)
    return parts


def _active(now: datetime, names: set[str], *, whole: bool, known: Numbers) -> dict[str, int]:
    counted = {pk: count for pk, count in known.items() if pk in names and count is not None}
    mentors = active(now, now)
    if not whole:
        missing = names - set(counted)
        if not missing:
            return counted
        mentors = mentors.filter(organization__in=missing)
    return counted | dict(mentors.order_by().values_list("organization_id").annotate(Count("pk")))


def _add_told(parts: dict[str, Part], told: Sequence[tuple[str, RuleVersion, int]], now: datetime) -> None:
    """Add up the rules of each scenario: of rules that replace each other, a mentor hears one."""
    rules: dict[tuple[str, str], list[tuple[int, RuleVersion]]] = defaultdict(list)
    for pk, version, count in told:
        parts[pk].told[version.scenario_id] += count
        rules[pk, version.scenario_id].append((count, version))
    first_days = _first_days(parts, now)
    for (pk, scenario), counted in rules.items():
        part = parts[pk]
        began = [day for key in ((pk, scenario), (None, scenario)) if (day := first_days.get(key))]
        part.shares.append(
            brake.Share(
                scenario,
                max(counted, key=lambda row: row[0])[1].name,
                part.told[scenario],
                part.active,
                since=min(began).astimezone(part.organization.zone).date() if began else None,
                by_activities=any(reads_activities(version) for _count, version in counted),
            )
        )


def _first_days(parts: dict[str, Part], now: datetime) -> dict[tuple[str | None, str], datetime]:
    """Return since when there are rules, by organisation or none, and scenario; of scenarios that tell many only."""
    many = {name for part in parts.values() for name, told in part.told.items() if told >= part.terms.fewest}
    if not many:
        return {}
    versions = RuleVersion.objects.filter(scenario_id__in=many, state=RuleState.ON, valid_from__lte=now)
    rows = versions.order_by().values_list("organization_id", "scenario_id").annotate(Min("valid_from"))
    return {(organization, scenario): first for organization, scenario, first in rows}


def reads_activities(version: RuleVersion) -> bool:
    """Tell whether a rule goes by activities, so that missing ones make it fire."""
    return any(leaf.fact == "activity" for leaf in leaves(*expressions(version.trigger.measure(version))))


def _add_chapters(parts: dict[str, Part], run_id: str, now: datetime) -> None:
    """Add the shares of chapters in which many are told at once."""
    many = [part.terms.fewest for part in parts.values() if max(part.told.values(), default=0) >= part.terms.fewest]
    if not many:
        return
    told = _rows(BY_CHAPTER, run_id=run_id, now=now, fewest=min(many))
    chapters = Chapter.objects.in_bulk({pk for pk, _scenario, _count in told})
    enough: dict[str, int] = {}
    for pk, _scenario, count in told:
        if part := parts.get(chapters[pk].organization_id):
            enough[pk] = max(enough.get(pk, 0), -(-count * 100 // part.terms.limit_percent))
    present = _in_chapters(enough, now)
    rules = {(pk, share.scenario): share.rule for pk, part in parts.items() for share in part.shares}
    for pk, scenario, count in told:
        chapter = chapters[pk]
        # A mentor may belong to a chapter of another organisation, which isn't judged by them.
        rule = rules.get((chapter.organization_id, scenario))
        if rule and pk in present:
            share = brake.Share(scenario, rule, count, max(count, present[pk]), chapter=chapter.name)
            parts[chapter.organization_id].shares.append(share)


def _in_chapters(enough: dict[str, int], now: datetime) -> dict[str, int]:
    """Count the active mentors of the chapters that may have fewer than is enough.

    One with so many members that three quarters of them would have to be away isn't looked at.
    """
    if not enough:
        return {}
    members = dict(_rows(MEMBERS, now=now, chapters=list(enough), enough=[AWAY * count for count in enough.values()]))
    small = [pk for pk, count in members.items() if count < AWAY * enough[pk]]
    if not small:
        return {}
    mentors = as_subselect(active(now, now).order_by().values_list("id"))
    with connection.cursor() as cursor:
        cursor.execute(IN_CHAPTERS.format(mentors=mentors, now=sql.Literal(now), chapters=sql.Literal(small)))
        return dict.fromkeys(small, 0) | dict(cursor.fetchall())


def _add_past(parts: dict[str, Part], run_id: str, now: datetime) -> None:
    """Add the days that were let through, and the newest activity, counted on from where it was seen last."""
    rows = (
        Clearance.objects.filter(organization__in=parts, judged_at__gt=now - HISTORY - timedelta(days=1))
        .exclude(run_id=run_id)
        .order_by("judged_at", "id")
    )
    looked: dict[str, datetime] = {}
    days: dict[str, dict] = defaultdict(dict)
    for row in rows:
        part = parts[row.organization_id]
        looked[row.organization_id] = row.judged_at
        part.newest = row.newest_fact_at or part.newest
        if row.status in Clearance.TELLING and row.active_mentors is not None:
            on = row.judged_at.astimezone(part.organization.zone).date()
            before = days[row.organization_id].get(on)
            days[row.organization_id][on] = _day(on, row, before)
    for pk, of_days in days.items():
        parts[pk].past = list(of_days.values())
    since = min([looked.get(pk, now - FIRST_LOOK) for pk in parts], default=now)
    for pk, newest in _rows(NEWEST, since=since, now=now):
        if pk in parts:
            parts[pk].newest = max(newest, parts[pk].newest or newest)


def _day(on, row: Clearance, before: brake.Day | None) -> brake.Day:
    """Return a day with one more of its runs: what they told adds up, everything else is as the last one found it."""
    told = Counter(row.told_by_scenario)
    if before is not None:
        told.update(before.told)
    released = row.status == Clearance.Status.RELEASED or (before is not None and before.released)
    return brake.Day(on, row.judged_at, row.active_mentors or 0, told, row.newest_fact_at, released)


def _rows(statement: sql.SQL, **values) -> Iterable[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**{name: sql.Literal(value) for name, value in values.items()}))
        return cursor.fetchall()
