"""What a rule's page says beside the form: what it does, in words, and every state that it was ever in."""

from django.db.models import F
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import triggers
from ..models import Rule, RuleVersion
from ..models.rules import RuleState, Terms
from ..operations import watched
from . import parameters
from .base import NOTHING, address_of
from .facts import trigger_label
from .rule_form import LABELS
from .rule_neighbours import neighbour_sentences

VERSIONS_SHOWN = 20


def does(terms: Terms) -> str:
    """Say in plain words what a rule or a version of it will do; one of a type that is gone says its name."""
    return terms.sentence if terms.trigger_type in triggers.registry else trigger_label(terms.trigger_type)


def restored(rule: Rule, version: RuleVersion) -> Rule:
    """Return the rule, not saved, as it was in an earlier version; the form asks to save it as a new one."""
    terms = version.terms()
    # The cooldown goes by this word, which stays as it is.
    del terms["scenario_id"]
    for name, value in terms.items():
        setattr(rule, name, value)
    rule.restored_from = version  # type: ignore[attr-defined]
    return rule


def would_have_written(mentors: int) -> str:
    """Say of a rule that only watches how many mentors it would have written to."""
    return ngettext(
        "would have written to %(count)d mentor in the last 7 days",
        "would have written to %(count)d mentors in the last 7 days",
        mentors,
    ) % {"count": mentors}


def rule_page(rule: Rule, *, may_restore: bool) -> dict:
    """Return what the page of a rule shows beside its form."""
    versions = version_rows(rule, may_restore=may_restore)
    page = {"versions": versions, "rule_url": address_of("scenarios_rule", rule.pk)}
    if not hasattr(rule, "restored_from"):
        page["neighbours"] = neighbour_sentences(rule, now=timezone.now())
    if rule.state == RuleState.WATCHING and not hasattr(rule, "restored_from"):
        page["watched"] = would_have_written(watched([rule.pk], now=timezone.now()).get(rule.pk, 0))
    if version := getattr(rule, "restored_from", None):
        current = rule.versions.get(valid_until__isnull=True)
        return page | {"restored": version, "does": does(current), "would_change": changes(current, version)}
    return page | {"does": does(rule)}


def version_rows(rule: Rule, *, may_restore: bool) -> list[dict]:
    """Return the latest versions of a rule, each with what it changed, in words."""
    related = ["organization", "chapter", "prompt_template__organization", "changed_by"]
    versions = list(rule.versions.select_related(*related).order_by(F("number").desc())[: VERSIONS_SHOWN + 1])
    older = [*versions[1:], None]
    url = address_of("scenarios_rule", rule.pk)
    return [
        {
            "number": version.number,
            "url": address_of("scenarios_ruleversion", version.pk),
            "restore_url": f"{url}?version={version.number}" if may_restore and version.valid_until else "",
            "valid_from": version.valid_from,
            "valid_until": version.valid_until,
            "who": version.changed_by or NOTHING,
            "why": version.change_reason or NOTHING,
            "changes": changes(before, version) if before else [_("the first version")],
        }
        for version, before in list(zip(versions, older, strict=True))[:VERSIONS_SHOWN]
    ]


def changes(before: RuleVersion, after: RuleVersion) -> list[str]:
    """Say field by field, in the words of the form, what one version says that the other doesn't."""
    return [
        _("%(field)s: %(old)s → %(new)s")
        % {
            "field": LABELS.get(field.name, capfirst(field.verbose_name)),
            "old": said(before, field),
            "new": said(after, field),
        }
        for field in Terms._meta.local_fields
        if getattr(before, field.attname) != getattr(after, field.attname)
    ]


def said(version: RuleVersion, field) -> str:
    """Return a field's value as a person reads it."""
    if field.name == "trigger_type":
        return trigger_label(version.trigger_type)
    if field.name == "parameters":
        return parameters.in_words(version) or NOTHING
    if field.choices:
        return str(getattr(version, f"get_{field.name}_display")())
    value = getattr(version, field.name)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return NOTHING if value in (None, "", {}) else str(value)
