"""Approve a text, which retires the one that it replaces, and copy texts for an organisation."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from scenarios.models import Organization, PromptTemplate, Rule
from scenarios.models.rules import RuleState

from .models import Variant

State = Variant.State


class NotADraft(Exception):
    """Only a draft can be approved: what was replaced is copied to a new draft first."""


class MoreReceiveIt(Exception):
    """The mentors of organisations that nobody has agreed to would receive another text."""

    def __init__(self, organizations: Sequence[Organization]):
        super().__init__(_("More organisations use this text than were named."))
        self.organizations = organizations


@dataclass(frozen=True)
class Uses:
    """The rules that send the wordings of a brief, and the organisations whose mentors receive them."""

    rules: Sequence[Rule]
    organizations: Sequence[Organization]


def uses_of(template: PromptTemplate) -> Uses:
    """Return who uses a brief; a rule without an organisation is one of all organisations."""
    live = Rule.objects.exclude(state=RuleState.RETIRED).filter(prompt_template=template)
    rules = list(live.select_related("organization", "chapter"))
    everybody = Organization.objects.order_by("name", "id")
    if any(rule.organization_id is None for rule in rules):
        return Uses(rules, list(everybody))
    return Uses(rules, list(everybody.filter(pk__in={rule.organization_id for rule in rules})))


def asks_first(template: PromptTemplate) -> Sequence[Organization]:
    """Return the organisations that must be named before another text of this brief is approved; of one, none."""
    organizations = uses_of(template).organizations
    return organizations if len(organizations) > 1 else ()


@transaction.atomic
def approve(variant: Variant, *, by: User | None, agreed: Collection[str] = (), now: datetime) -> None:
    """Approve a draft; the text that was sent until now in its language is retired.

    `agreed`: the IDs of the organisations of which somebody has said that their mentors are to receive it; needed where
    more than one organisation uses the brief. Raises MoreReceiveIt or NotADraft.
    """
    # Whoever approves another one at the same moment waits here.
    PromptTemplate.objects.select_for_update().get(pk=variant.template_id)
    variant.refresh_from_db()
    if variant.state != State.DRAFT:
        raise NotADraft(_("Only a draft can be approved."))
    organizations = asks_first(variant.template)
    if not {organization.pk for organization in organizations} <= set(agreed):
        raise MoreReceiveIt(organizations)
    alike = Variant.objects.filter(template=variant.template_id, language=variant.language)
    alike.filter(state=State.APPROVED).update(state=State.RETIRED, retired_at=now)
    variant.state, variant.approved_at, variant.approved_by = State.APPROVED, now, by
    variant.save(update_fields=["state", "approved_at", "approved_by"])


def draft_of(variant: Variant, **words: str) -> Variant:
    """Return a new draft, not saved, that says what another wording says, but for these words."""
    kept = {"language": variant.language, "subject": variant.subject, "body": variant.body, **words}
    return Variant(template_id=variant.template_id, **kept)


@transaction.atomic
def copy_template(
    template: PromptTemplate, organization: Organization, *, draft: Variant | None = None
) -> PromptTemplate:
    """Make an organisation's own copy of a brief, with the approved wordings as drafts that somebody must approve.

    `draft`: a draft of the brief that was meant for this organisation alone; it moves to the copy.
    """
    copy = PromptTemplate.objects.create(
        organization=organization, name=template.name, purpose=template.purpose, tone=template.tone
    )
    approved = template.variants.filter(state=State.APPROVED)
    if draft is not None:
        Variant.objects.filter(pk=draft.pk, template=template, state=State.DRAFT).update(template=copy)
        approved = approved.exclude(language=draft.language)
    for variant in approved:
        words = draft_of(variant)
        words.template = copy
        words.save()
    return copy
