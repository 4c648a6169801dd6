"""Whom a rule would reach if it were saved as it is filled in, beside whom it reaches now. Nothing is written.

A rule reaches more people when it starts to be evaluated or to send, when it holds for more active mentors, when it
matches or writes to more of them today, or when a wider rule that it replaced gets some of its people back. A rule for
activities matches nobody today, and to try it on those of a month takes longer than a person waits for a page: what may
make it match more is taken as reaching more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..engine import Frame, Holding, Placed, compare_holding, in_force
from ..engine.scope import by_scenario, covers, narrower
from ..measures import Elapsed
from ..models import Rule, RuleVersion
from ..models.rules import EVALUATED, Judged
from .firing import WouldHear
from .previewing import EVERYBODY, dry_run
from .relogging import with_draft

# Who gets a message, and when, stays the same whatever these say.
SAME_PEOPLE = {"name", "prompt_template_id", "delay_hours"}


@dataclass(frozen=True)
class Answer:
    """Whom a rule matches and writes to today."""

    rows: Sequence[WouldHear] = ()

    @property
    def matches(self) -> set[int]:
        return {row.mentor_id for row in self.rows}

    @property
    def writes(self) -> set[int]:
        return {row.mentor_id for row in self.rows if not row.reason}


@dataclass(frozen=True)
class Widened:
    """A wider rule of the same scenario that gets back people whom the changed rule kept from it."""

    version: RuleVersion
    holding: Holding


@dataclass(frozen=True)
class Change:
    """What saving a rule would change. `old` and `new` are its states that are evaluated; None: it isn't evaluated."""

    old: RuleVersion | None = None
    new: RuleVersion | None = None
    holding: Holding = field(default_factory=Holding)
    before: Answer = field(default_factory=Answer)
    after: Answer = field(default_factory=Answer)
    widened: Sequence[Widened] = ()

    @property
    def starts(self) -> bool:
        """Whether it begins to be evaluated, or to send after having only watched."""
        return self.new is not None and (self.old is None or (self.new.is_on and not self.old.is_on))

    @property
    def looks_elsewhere(self) -> bool:
        """Whether it looks for another thing, or at another time: whom it matches can't be compared."""
        kinds = [(side.trigger_type, side.judged) for side in (self.old, self.new) if side is not None]
        return len(set(kinds)) > 1

    @property
    def may_match_more(self) -> bool:
        """Whether a rule for activities says something else that may let it match, or write, more often."""
        old, new = self.old, self.new
        if old is None or new is None or new.judged != Judged.ACTIVITY:
            return False
        # More days without an activity are harder to reach; as many days to add up are another question.
        fewer = (
            old.threshold_days != new.threshold_days
            if not isinstance(new.trigger.measure(new), Elapsed)
            else (new.threshold_days or 0) < (old.threshold_days or 0)
        )
        oftener = new.cooldown_days < old.cooldown_days or new.priority < old.priority
        return fewer or oftener or new.parameters != old.parameters

    @property
    def reaches_more(self) -> bool:
        return self.starts or self.looks_elsewhere or self.may_match_more or any(self.added.values())

    @property
    def added(self) -> dict[str, int]:
        """Return by how many people it reaches more, in each sense of reaching."""
        return {
            "holds": self.holding.added,
            "matches": len(self.after.matches - self.before.matches),
            "writes": len(self.after.writes - self.before.writes),
            "widened": sum(wider.holding.added for wider in self.widened),
        }

    @property
    def new_rows(self) -> list[WouldHear]:
        """Return what would be sent to people to whom nothing would be sent now."""
        return [row for row in self.after.rows if not row.reason and row.mentor_id not in self.before.writes]


def compare(rule: Rule, *, now: datetime) -> Change:
    """Compare a rule as it is filled in with its version in force."""
    versions = in_force(now)
    old = next((version for version in versions if version.rule_id == rule.pk), None)
    new = as_draft(rule) if rule.state in EVALUATED else None
    if (old is None and new is None) or (old and new and _same_people(old, new)):
        return Change(old, new)
    changed = with_draft([version for version in versions if version is not old], new)
    frame = Frame.at(now)
    return Change(
        old=old,
        new=new,
        holding=compare_holding(Placed(old, versions), Placed(new, changed), EVERYBODY, frame),
        before=_answer(old if new else None, now),
        after=_answer(new, now),
        widened=_widened(old, versions, changed, frame),
    )


def as_draft(rule: Rule | RuleVersion, **changes) -> RuleVersion:
    """Return a version that is not saved of what a rule says."""
    rule_id = rule.rule_id if isinstance(rule, RuleVersion) else rule.pk
    return RuleVersion(rule_id=rule_id, number=0, **{**rule.terms(), **changes})


def _same_people(old: RuleVersion, new: RuleVersion) -> bool:
    before, after = old.terms(), new.terms()
    return all(before[name] == after[name] for name in before if name not in SAME_PEOPLE)


def _answer(version: RuleVersion | None, now: datetime) -> Answer:
    if version is None or version.judged == Judged.ACTIVITY:
        return Answer()
    draft = as_draft(version)
    return Answer([row for row in dry_run(now=now, draft=draft) if row.version.rule_id == version.rule_id])


def _widened(
    old: RuleVersion | None, versions: Sequence[RuleVersion], changed: Sequence[RuleVersion], frame: Frame
) -> list[Widened]:
    if old is None or not old.is_on:
        return []
    scenarios = by_scenario(versions)
    replaced = [
        version
        for version in scenarios[old.scenario_id]
        if covers(version, old) and any(other.rule_id == old.rule_id for other in narrower(version, scenarios))
    ]
    compared = [
        Widened(version, compare_holding(Placed(version, versions), Placed(version, changed), EVERYBODY, frame))
        for version in replaced
    ]
    return [wider for wider in compared if wider.holding.added]
