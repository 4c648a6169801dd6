"""What the other rules mean for one rule, in sentences: which look for the same thing, and which replace which."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import triggers, what_if
from ..models import Rule
from ..models.rules import Judged, RuleState, Terms

MOST_NAMED = 5


def whom(terms: Terms) -> str:
    """Say for whom a rule is meant, inside a sentence."""
    if terms.chapter:
        return str(terms.chapter)
    return _("everybody in %(where)s") % {"where": terms.organization} if terms.organization else _("everybody")


def neighbour_sentences(rule: Rule, *, now: datetime) -> list[str]:
    """Return a sentence for each rule that overlaps with this one, replaces it, or is replaced by it."""
    if rule.trigger_type not in triggers.registry or rule.state == RuleState.RETIRED:
        return []
    found = what_if.neighbours(rule, now=now)
    replaces = _("For %(whom)s this rule replaces “%(rule)s”, which has the same scenario.")
    if not rule.is_on:
        replaces = _("Once it is on, this rule replaces “%(rule)s” for %(whom)s: both have the same scenario.")
    replaced = _("For %(whom)s “%(rule)s” replaces this rule: both have the same scenario.")
    return [
        *(_overlaps(overlap, rule) for overlap in found.overlaps[:MOST_NAMED]),
        *(replaces % {"whom": whom(rule), "rule": version.name} for version in found.replaces),
        *(replaced % {"whom": whom(version), "rule": version.name} for version in found.replaced_by[:MOST_NAMED]),
    ]


def _overlaps(overlap: what_if.Overlap, rule: Rule) -> str:
    version = overlap.version
    words = {"rule": version.name, "what": version.trigger.label, "whom": whom(version)}
    also = _("The rule “%(rule)s” also looks for “%(what)s”, for %(whom)s.") % words
    if overlap.both is not None:
        both = ngettext(
            "%(count)d mentor would match both today.", "%(count)d mentors would match both today.", overlap.both
        )
        also = f"{also} {both % {'count': overlap.both}}"
    return f"{also} {_both_heard(rule, version)}"


def _both_heard(rule: Rule, version: Terms) -> str:
    if Judged.ACTIVITY in (rule.judged, version.judged):
        heard = _("A mentor may get a message from both.")
    else:
        heard = _("A mentor gets at most one message a day, but may hear from both within a week.")
    return heard + " " + _("Use the same scenario to let the narrower rule replace the wider one.")
