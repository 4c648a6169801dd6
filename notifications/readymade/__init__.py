"""Ready-made rules, with brief and approved wording: added to an organisation once, never over what is there."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from scenarios.models import Organization, PromptTemplate, Rule
from scenarios.operations import save_rule

from ..models import Variant
from .rules import RULES
from .wording import BRIEFS, TONE

__all__ = ["RULES", "add_default_rules"]


@transaction.atomic
def add_default_rules(organization: Organization, *, now: datetime, by=None) -> list[Rule]:
    """Add those of the five rules that the organisation has no rule of its own for, and return them.

    They are drafts: nobody hears anything until a person turns them on. The organisation's row is locked, so that two
    people who add them at once add them once.
    """
    Organization.objects.select_for_update().get(pk=organization.pk)
    own = Rule.objects.filter(organization=organization, chapter__isnull=True)
    there = set(own.values_list("scenario_id", flat=True))
    added = []
    for terms in RULES:
        if terms["scenario_id"] not in there:
            _write_brief(terms["prompt_template_id"], now=now, by=by)
            rule = Rule(organization=organization, **terms)
            save_rule(rule, by=by, reason=_("Added as a ready-made rule."), now=now)
            added.append(rule)
    return added


def _write_brief(template_id: str, *, now: datetime, by) -> None:
    """Write brief and wordings, unless the brief is there: then whatever staff have made of it stays."""
    name, purpose, english, norwegian = BRIEFS[template_id]
    template, is_new = PromptTemplate.objects.get_or_create(
        pk=template_id, defaults={"name": name, "purpose": purpose, "tone": TONE}
    )
    if is_new:
        Variant.objects.bulk_create(
            Variant(template=template, language=language, approved_at=now, approved_by=by, **words._asdict())
            for language, words in (("en", english), ("nb", norwegian))
        )
