"""Very many rules of chapters and organisations, compared as the rows of a table and not as so many tests.

They differ in place and threshold, and few differ in what they measure. For a handful of rules, tests with constants
are quicker.
"""

from collections.abc import Sequence
from dataclasses import replace

from psycopg import sql

from ..measures import Measure, Milestone
from ..models import RuleVersion
from .blanks import constant
from .compare import fires
from .facts import TOLD_BY_ITS_RULE, Facts
from .framed import Framed, Several
from .population import Logged, Share
from .scope import Scenarios, narrower

# From so many rules of one place on, they are compared as rows.
MANY = 24
# A chapter and an organisation may have the same id.
CHAPTER, ORGANIZATION = "c:", "o:"

# What is measured and how it is compared with a threshold: all else that a rule says stands in its row.
Compared = tuple[Measure, str]


def parted(versions: Sequence[RuleVersion], share: Share | Framed) -> tuple[list[RuleVersion], list[RuleVersion]]:
    """Return the rules that are compared one by one, and those that are compared as rows."""
    local = [version for version in versions if version.organization_id]
    if len(local) < MANY or isinstance(share, Logged | Several):
        return list(versions), []
    return [version for version in versions if not version.organization_id], local


class Rows:
    """Some rules as the rows `r` of a table, and what is selected by joining it to the subjects `s`."""

    def __init__(self, versions: Sequence[RuleVersion], scenarios: Scenarios, facts: Facts):
        self.versions, self.facts = versions, facts
        self.narrower = [" ".join(map(_place, narrower(version, scenarios))) for version in versions]
        self.compared = [_compared(version) for version in versions]
        self.distinct = list(dict.fromkeys(self.compared))

    def places(self) -> sql.Composable:
        """Return the CTE of the places that each mentor belongs to."""
        named = {place for places in self.narrower for place in places.split()} | set(map(_place, self.versions))
        chapters = sorted(place.removeprefix(CHAPTER) for place in named if place.startswith(CHAPTER))
        with self.facts.inside():
            memberships, member = self.facts.rows("membership"), self.facts.grouped_by()
        return sql.SQL(
            "place({key}, places) AS (SELECT {key}, array_agg(DISTINCT at) FROM ("
            "SELECT {member}, {chapter} || f.chapter_id {memberships} AND f.chapter_id = ANY({chapters}::text[])"
            " UNION ALL SELECT {key}, {organization} || organization_id FROM subject"
            ") belongs({key}, at) GROUP BY {key})"
        ).format(
            key=sql.Identifier(self.facts.key),
            member=member,
            chapter=constant(CHAPTER),
            organization=constant(ORGANIZATION),
            memberships=memberships,
            chapters=constant(chapters),
        )

    def joined(self) -> sql.Composable:
        """Return `FROM ... WHERE ...` over the subjects and the rules that apply to them and fire."""
        numbers = {compared: n for n, compared in enumerate(self.distinct)}
        threshold = sql.SQL("r.threshold")
        tests = [fires(measure, when, threshold, self.facts) for measure, when in self.distinct]
        return sql.SQL(
            "FROM measured s JOIN place USING ({key}) CROSS JOIN unnest(place.places) AS at(place)"
            " JOIN unnest({places}::text[], {numbers}::int[], {thresholds}::int[], {keys}::bigint[],"
            " {rules}::text[], {narrower}::text[]) AS r(place, number, threshold, version_id, rule_id, narrower)"
            " ON r.place = at.place WHERE {test}"
            " AND (r.narrower = '' OR NOT place.places && string_to_array(r.narrower, ' '))"
        ).format(
            key=sql.Identifier(self.facts.key),
            places=constant([_place(version) for version in self.versions]),
            numbers=constant([numbers[compared] for compared in self.compared]),
            thresholds=constant([version.threshold_days or 0 for version in self.versions]),
            keys=constant([version.pk for version in self.versions]),
            rules=constant([version.rule_id for version in self.versions]),
            narrower=constant(self.narrower),
            test=self.by_number(tests),
        )

    def by_number(self, of_compared: Sequence[sql.Composable]) -> sql.Composable:
        """Return what belongs to the measure of a row, given for each of the distinct ones."""
        branches = [sql.SQL("WHEN {} THEN {}").format(constant(n), what) for n, what in enumerate(of_compared)]
        return sql.SQL("CASE r.number {} END").format(sql.SQL(" ").join(branches))


def _compared(version: RuleVersion) -> Compared:
    measure = version.trigger.measure(version)
    if isinstance(measure, Milestone):
        # As a column for each rule it would be more columns than a table can have.
        measure = replace(measure, told=TOLD_BY_ITS_RULE)
    return measure, version.trigger.fires_when


def _place(version: RuleVersion) -> str:
    return f"{CHAPTER}{version.chapter_id}" if version.chapter_id else f"{ORGANIZATION}{version.organization_id}"
