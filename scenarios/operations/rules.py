from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain, count

from django.db import transaction
from django.db.models import Count
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ..models import Decision, Rule, RuleVersion
from ..models.decisions import Reason
from ..models.rules import NEXT_STATES, RuleState

# What the apps above look at before a rule is turned on: each returns a sentence that says why it can't be, or "".
turn_on_checks: list[Callable[[Rule], str]] = []
WATCHED = timedelta(days=7)
# Letters that Django's slugs would leave out.
NORWEGIAN = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "Æ": "ae", "Ø": "o", "Å": "a"})
# Leaves room for a number behind it.
LONGEST_SCENARIO = 56


class RuleConflict(Exception):
    """A rule can't be saved like this; the message says why, for those who wanted it."""


@transaction.atomic
def save_rule(rule: Rule, *, by=None, reason: str = "", restoring: bool = False, now: datetime) -> RuleVersion:
    """Save a rule and, where what it says has changed, the version that holds from now on.

    Returns the version in force. The rule's row is locked, so that two people who save at once make two versions.
    `restoring`: the rule says again what an earlier version said, which may bring it back from retirement.
    Raises RuleConflict.
    """
    exists = Rule.objects.select_for_update().filter(pk=rule.pk).exists()
    current = rule.versions.filter(valid_until__isnull=True).first() if exists else None
    if why := refusal(rule, was=current.state if current else "", restoring=restoring):
        raise RuleConflict(why)
    rule.save(force_insert=not exists)
    rule.refresh_from_db()
    if current is not None and current.terms() == rule.terms():
        return current
    if current is not None:
        # A clock that went back must not make a version end before it began.
        now = max(now, current.valid_from)
        current.valid_until = now
        current.save(update_fields=["valid_until"])
    return RuleVersion.objects.create(
        rule=rule,
        number=current.number + 1 if current else 1,
        valid_from=now,
        changed_by=by,
        change_reason=reason,
        **rule.terms(),
    )


@transaction.atomic
def set_rule_state(rule: Rule, state: str, *, by=None, reason: str = "", now: datetime) -> RuleVersion:
    """Turn a rule on or off, let it watch only, or retire it; nothing else of it changes. Raises RuleConflict."""
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    rule.state = state
    return save_rule(rule, by=by, reason=reason, now=now)


def new_scenario_id(name: str) -> str:
    """Make a scenario out of a rule's name: one that no rule has, since rules of one scenario replace each other."""
    word = slugify(name.translate(NORWEGIAN)).replace("-", "_")[:LONGEST_SCENARIO].strip("_") or "rule"
    taken = set(Rule.objects.filter(scenario_id__startswith=word).values_list("scenario_id", flat=True))
    free = chain([word], (f"{word}_{number}" for number in count(2)))
    return next(scenario_id for scenario_id in free if scenario_id not in taken)


def refusal(rule: Rule, *, was: str, restoring: bool = False) -> str:
    """Say why a rule that was in one state ("": it is new) can't be saved in the one that it has now, or return ""."""
    if rule.state != was and not restoring and rule.state not in NEXT_STATES[was]:
        if was == RuleState.RETIRED:
            return _("“%(name)s” is retired. To use it again, restore one of its versions.") % {"name": rule.name}
        names = {"name": rule.name, "old": _said(was), "new": _said(rule.state)}
        return _("“%(name)s” can't go from “%(old)s” to “%(new)s”.") % names
    if foreign := rule.foreign_template:
        return foreign
    if rule.state == RuleState.ON != was:
        return next((why for check in turn_on_checks if (why := check(rule))), "")
    return ""


def _said(state: str) -> str:
    return str(RuleState(state).label if state else _("new"))


def watched(rule_ids: list[str], *, now: datetime) -> dict[str, int]:
    """Return to how many mentors each of these rules would have written in the last week, had it been on."""
    decisions = Decision.objects.filter(
        reason=Reason.WATCHING, rule__in=rule_ids, decided_at__gt=now - WATCHED, decided_at__lte=now
    )
    return dict(decisions.order_by().values_list("rule").annotate(Count("mentor", distinct=True)))
