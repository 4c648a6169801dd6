"""Which rules look for the same thing among the same people: mentors may hear from both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..engine import Frame, in_force, judge
from ..engine.scope import by_scenario, covers, meet, narrower
from ..models import Rule, RuleVersion
from ..models.rules import Judged
from .previewing import EVERYBODY
from .reach import as_draft
from .relogging import with_draft
from .sandbox import DRAFT


@dataclass(frozen=True)
class Overlap:
    """Another rule that looks for the same; `both` is how many mentors match both today, None where nobody counted."""

    version: RuleVersion
    both: int | None


@dataclass(frozen=True)
class Neighbours:
    """What the other rules in force mean for one rule.

    `replaces` are the wider ones of its scenario whose place it takes, `replaced_by` the narrower ones that take its.
    """

    overlaps: Sequence[Overlap]
    replaces: Sequence[RuleVersion]
    replaced_by: Sequence[RuleVersion]


def neighbours(rule: Rule, *, now: datetime) -> Neighbours:
    """Look at a rule, saved or as it is filled in, beside the others as if it were on."""
    draft = as_draft(rule, state="on")
    draft.pk = DRAFT
    versions = with_draft(in_force(now), draft)
    scenarios = by_scenario(versions)
    others = [version for version in versions if version is not draft and overlap(draft, version, versions)]
    counted = _matching_both(draft, others, versions, now)
    return Neighbours(
        overlaps=[Overlap(version, counted.get(version.pk)) for version in others],
        replaces=[
            version
            for version in scenarios[draft.scenario_id]
            if covers(version, draft) and draft in narrower(version, scenarios)
        ],
        replaced_by=[version for version in narrower(draft, scenarios) if covers(draft, version)],
    )


def overlap(one: RuleVersion, other: RuleVersion, versions: Sequence[RuleVersion]) -> bool:
    """Tell whether two rules of different scenarios look for the same thing among the same people.

    Not where a narrower rule replaces one of them wherever the other holds.
    """
    if one.scenario_id == other.scenario_id or not meet(one, other) or not _look_alike(one, other):
        return False
    scenarios = by_scenario(versions)
    # Places that meet lie within one another.
    common = other if covers(one, other) else one
    return not any(covers(replacing, common) for version in (one, other) for replacing in narrower(version, scenarios))


def _look_alike(one: RuleVersion, other: RuleVersion) -> bool:
    mine, theirs = one.trigger, other.trigger
    same_kind = mine.slug == theirs.slug
    alike = mine.looks_at and mine.looks_at == theirs.looks_at and one.judged == other.judged
    return bool(same_kind or alike) and mine.filters_meet(mine.given(one), theirs.given(other))


def _matching_both(
    draft: RuleVersion, others: Sequence[RuleVersion], versions: Sequence[RuleVersion], now: datetime
) -> dict[int, int]:
    """Return for each of the others how many mentors match it and the draft today, where both are judged every day."""
    daily = [version for version in others if version.judged == Judged.DAILY]
    if draft.judged != Judged.DAILY or not daily:
        return {}
    hits = judge(versions, EVERYBODY, Frame.at(now), only=[draft, *daily])
    matched: dict[int, set[int]] = {version.pk: set() for version in (draft, *daily)}
    for mentor_id, version_id in zip(hits.mentor_ids, hits.version_ids, strict=True):
        matched[version_id].add(mentor_id)
    return {version.pk: len(matched[version.pk] & matched[DRAFT]) for version in daily}
