"""To whom a rule applies: everybody, an organisation, or a chapter; of a scenario's rules the most specific wins.

One that only watches replaces none: the wider rule goes on sending where the narrower one is tried out.
"""

from collections.abc import Sequence

from psycopg import sql

from ..models import Chapter, RuleVersion
from .blanks import constant
from .facts import Facts

SHARED, ORGANIZATION, CHAPTER = range(3)

Scenarios = dict[str, list[RuleVersion]]


def by_scenario(versions: Sequence[RuleVersion]) -> Scenarios:
    """Return the rules of each scenario, so that each looks for narrower ones among its own alone."""
    scenarios: Scenarios = {}
    for version in versions:
        scenarios.setdefault(version.scenario_id, []).append(version)
    return scenarios


def of_the_scenarios_of(some: Sequence[RuleVersion], versions: Sequence[RuleVersion]) -> list[RuleVersion]:
    """Return the rules of the scenarios that some rules are of: no others can replace those."""
    scenarios = {version.scenario_id for version in some}
    return [version for version in versions if version.scenario_id in scenarios]


def narrower(version: RuleVersion, scenarios: Scenarios) -> list[RuleVersion]:
    """Return the rules of the same scenario that replace a rule wherever they hold."""
    rank = _rank(version)
    siblings = scenarios.get(version.scenario_id, []) if rank < CHAPTER else []
    # A version that decided is looked at again beside the present one of its own rule, which doesn't replace it.
    return [other for other in siblings if other.is_on and _rank(other) > rank and other.rule_id != version.rule_id]


def applies(version: RuleVersion, scenarios: Scenarios, facts: Facts) -> sql.Composable:
    """Return whether the rule applies to the subject: in its scope, and in no narrower one of the same scenario."""
    own = _covered_by_one([version], facts)
    if others := narrower(version, scenarios):
        return sql.SQL("({} AND NOT {})").format(own, _covered_by_one(others, facts))
    return own


def covers(wider: RuleVersion, other: RuleVersion) -> bool:
    """Return whether everybody whom one rule's place takes in is in the other's too, as the places are written."""
    if wider.chapter_id:
        return wider.chapter_id == other.chapter_id
    return wider.organization_id in (None, other.organization_id)


def meet(one: RuleVersion, other: RuleVersion) -> bool:
    """Return whether two rules are for the same people. Two chapters are not, though some belong to both."""
    return covers(one, other) or covers(other, one)


def _rank(version: RuleVersion) -> int:
    return CHAPTER if version.chapter_id else ORGANIZATION if version.organization_id else SHARED


def _covered_by_one(versions: Sequence[RuleVersion], facts: Facts) -> sql.Composable:
    """Return whether one of these rules holds for the subject. Their places are compared as one list each."""
    chapters = {version.chapter_id for version in versions if version.chapter_id}
    organizations = {version.organization_id for version in versions if not version.chapter_id}
    if None in organizations:
        return sql.SQL("TRUE")
    tests: list[sql.Composable] = []
    if organizations:
        tests.append(
            sql.SQL("s.organization_id = ANY({}::text[])").format(constant(sorted(filter(None, organizations))))
        )
    if chapters:
        tests.append(facts.of_one_of(chapters))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(tests))


def in_chapter(versions: Sequence[RuleVersion], chapter: Chapter | None) -> list[RuleVersion]:
    """Return the rules that hold for what is posted to a chapter, without those that a narrower one replaces.

    Without a chapter: the shared ones.
    """
    organization_id = chapter.organization_id if chapter else None
    chapter_id = chapter.pk if chapter else None
    holding = [
        version
        for version in versions
        if version.organization_id in (None, organization_id) and version.chapter_id in (None, chapter_id)
    ]
    narrowest = {version.scenario_id: _rank(version) for version in sorted(holding, key=_rank) if version.is_on}
    return [version for version in holding if _rank(version) >= narrowest.get(version.scenario_id, SHARED)]
