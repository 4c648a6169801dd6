"""To whom a rule applies: everybody, an organisation, or a chapter; the most specific rule of a scenario wins."""

from collections.abc import Sequence

from psycopg import sql

from ..measures import MEMBERSHIPS
from ..models import Chapter, RuleVersion
from .facts import Facts

SHARED, ORGANIZATION, CHAPTER = range(3)

Scenarios = dict[str, list[RuleVersion]]


def by_scenario(versions: Sequence[RuleVersion]) -> Scenarios:
    """Return the rules of each scenario, so that each looks for narrower ones among its own alone."""
    scenarios: Scenarios = {}
    for version in versions:
        scenarios.setdefault(version.scenario_id, []).append(version)
    return scenarios


def applies(version: RuleVersion, scenarios: Scenarios, facts: Facts) -> sql.Composable:
    """Return whether the rule applies to the subject: in its scope, and in no narrower one of the same scenario."""
    rank = _rank(version)
    siblings = scenarios.get(version.scenario_id, []) if rank < CHAPTER else []
    # A version that decided is looked at again beside the present one of its own rule, which doesn't replace it.
    narrower = [other for other in siblings if _rank(other) > rank and other.rule_id != version.rule_id]
    own = _covers(version, facts)
    if not narrower:
        return own
    return sql.SQL("({} AND NOT ({}))").format(own, sql.SQL(" OR ").join(_covers(other, facts) for other in narrower))


def _rank(version: RuleVersion) -> int:
    return CHAPTER if version.chapter_id else ORGANIZATION if version.organization_id else SHARED


def _covers(version: RuleVersion, facts: Facts) -> sql.Composable:
    if version.chapter_id:
        return sql.SQL("coalesce({} = ANY({}), FALSE)").format(
            sql.Literal(version.chapter_id), facts.value(MEMBERSHIPS)
        )
    if version.organization_id:
        return sql.SQL("s.organization_id = {}").format(sql.Literal(version.organization_id))
    return sql.SQL("TRUE")


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
    narrowest = {version.scenario_id: _rank(version) for version in sorted(holding, key=_rank)}
    return [version for version in holding if _rank(version) == narrowest[version.scenario_id]]
