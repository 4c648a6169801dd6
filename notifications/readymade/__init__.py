"""Ready-made rules, each with a brief of the organisation's own and its wordings as drafts.

They are added to an organisation once, never over what is there, and nobody else's texts change by it.
"""

from datetime import datetime
from typing import Any

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
            rule = Rule(organization=organization, **{**terms, "prompt_template_id": _write_brief(terms, organization)})
            save_rule(rule, by=by, reason=_("Added as a ready-made rule."), now=now)
            added.append(rule)
    return added


def _write_brief(terms: dict[str, Any], organization: Organization) -> str:
    """Write the organisation's own brief for a rule, with wordings that somebody there must approve; return its ID."""
    name, purpose, english, norwegian = BRIEFS[terms["prompt_template_id"]]
    template = PromptTemplate.objects.create(organization=organization, name=name, purpose=purpose, tone=TONE)
    Variant.objects.bulk_create(
        Variant(template=template, language=language, **words._asdict())
        for language, words in (("en", english), ("nb", norwegian))
    )
    return template.pk
