"""Message briefs: whose they are, which rules send them, and a copy for another organisation."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from scenarios.admin.base import KeptWhileUsed, address_of, badge, go_on
from scenarios.models import Organization, PromptTemplate, Rule
from scenarios.models.rules import RuleState

from .. import texts
from ..models import Variant

RULES_SHOWN = 20
STATE_TONES: dict[str, str] = {Variant.State.APPROVED: "success", Variant.State.DRAFT: "warning"}


def may_edit(user, template: PromptTemplate) -> bool:
    """Tell whether this person may change what a brief says: what all organisations share is for administrators."""
    return template.organization_id is not None or user.is_superuser


def may_copy(user) -> bool:
    return user.has_perms(["scenarios.add_prompttemplate", "notifications.change_variant"])


class CopyForm(BaseDialogForm):
    organization = forms.ModelChoiceField(
        Organization.objects.order_by("name"), label=_("Organisation"), widget=UnfoldAdminSelectWidget()
    )


@admin.register(PromptTemplate)
class PromptTemplateAdmin(KeptWhileUsed):
    list_display = ["name", "whose", "used", "drafts", "purpose_in_short"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "purpose", "organization__name", "id__exact"]
    fields = ["name", "organization", "purpose", "tone"]
    autocomplete_fields = ["organization"]
    actions_detail = ["copy"]
    change_form_outer_before_template = "admin/notifications/brief_uses.html"
    change_form_outer_after_template = "admin/notifications/wordings.html"

    def get_queryset(self, request):
        queryset = super().get_queryset(request).select_related("organization")
        return queryset.annotate(
            rule_count=Coalesce(counted(Rule.objects.exclude(state=RuleState.RETIRED), "prompt_template"), 0)
        ).annotate(draft_count=Coalesce(counted(Variant.objects.filter(state=Variant.State.DRAFT), "template"), 0))

    def get_search_results(self, request, queryset, search_term):
        """Offer a rule what it may use: the messages of its organisation, and the shared ones."""
        if request.GET.get("model_name") == "rule":
            queryset = queryset.filter(organization=None) | queryset.filter(
                organization__in=[request.GET.get("organization") or ""]
            )
        return super().get_search_results(request, queryset, search_term)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if not request.user.is_superuser and "organization" in form.base_fields:
            form.base_fields["organization"].required = True
            form.base_fields["organization"].help_text = _("Only this organisation's rules can use it.")
        return form

    def get_readonly_fields(self, request, obj=None):
        # Rules refer to it. Who needs it for another organisation copies it.
        return [*super().get_readonly_fields(request, obj), *(["organization"] if obj else [])]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or may_edit(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        # What was approved may have been sent.
        allowed = super().has_delete_permission(request, obj) and may_edit(request.user, obj)
        return allowed and not obj.variants.exclude(state=Variant.State.DRAFT).exists()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        template = self.get_object(request, unquote(object_id))
        page = {} if template is None else {**uses_page(request, template), **wordings_page(request, template)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

    def has_copy_permission(self, request, obj=None):
        return may_copy(request.user)

    @action(
        description=_("Copy for an organisation"),
        permissions=["copy"],
        icon="content_copy",
        dialog={
            "title": _("Copy for an organisation"),
            "description": _(
                "The organisation gets a message of its own, with the approved wordings as drafts: read and approve"
                " them, then choose the message in the organisation's rules. Until then its rules send what they send"
                " now."
            ),
            "form_class": CopyForm,
            "form_submit_text": _("Copy"),
        },
    )
    def copy(self, request, form, object_id):
        template = get_object_or_404(PromptTemplate, pk=unquote(object_id))
        copy = copy_for(self, request, template, form.cleaned_data["organization"])
        return go_on(request, address_of("scenarios_prompttemplate", copy.pk))

    @display(description=_("for"), ordering="organization__name")
    def whose(self, template):
        return template.organization or badge(_("shared by all"), "info")

    @display(description=_("used by"), ordering="rule_count")
    def used(self, template):
        return in_rules(template.rule_count)

    @display(description=_("waits for approval"), ordering="draft_count")
    def drafts(self, template):
        return template.draft_count or ""

    @display(description=_("purpose"), ordering="purpose")
    def purpose_in_short(self, template):
        return template.purpose if len(template.purpose) <= 80 else f"{template.purpose[:79]}…"


def copy_for(
    model_admin, request, template: PromptTemplate, organization: Organization, draft: Variant | None = None
) -> PromptTemplate:
    """Make an organisation's own copy, and say what is to be done with it."""
    copy = texts.copy_template(template, organization, draft=draft)
    model_admin.log_addition(request, copy, str(_("Copied from %(id)s.") % {"id": template.pk}))
    messages.success(
        request,
        _(
            "%(organization)s has a message of its own now. Read and approve its wordings, then choose it in the rules"
            " of %(organization)s."
        )
        % {"organization": organization},
    )
    return copy


def counted(queryset, group: str) -> Subquery:
    """Return how many of these rows refer to each brief."""
    alike = queryset.filter(**{group: OuterRef("pk")}).order_by().values(group)
    return Subquery(alike.annotate(number=Count("pk")).values("number"))


def in_rules(number: int) -> str:
    return ngettext("%(count)d rule", "%(count)d rules", number) % {"count": number}


def uses_page(request, template: PromptTemplate) -> dict:
    """Return who uses a brief, as far as this person may see it."""
    page = {"brief": template, "may_edit": may_edit(request.user, template), "uses": None}
    if not request.user.has_perm("scenarios.view_rule"):
        return page
    uses = texts.uses_of(template)
    number = len(uses.organizations)
    organizations = ngettext("%(count)d organisation", "%(count)d organisations", number) % {"count": number}
    return page | {
        "uses": [
            {"name": rule.name, "url": address_of("scenarios_rule", rule.pk), "scope": scope_of(rule)}
            for rule in uses.rules[:RULES_SHOWN]
        ],
        "used_by": _("Used by %(rules)s of %(organizations)s")
        % {"rules": in_rules(len(uses.rules)), "organizations": organizations},
        "rules_url": f"{reverse('admin:scenarios_rule_changelist')}?prompt_template__exact={template.pk}",
        "more": len(uses.rules) - RULES_SHOWN,
        "receivers": [
            {"name": one.name, "url": address_of("scenarios_organization", one.pk)}
            for one in (uses.organizations if number > 1 else ())
        ],
    }


def scope_of(rule: Rule) -> str:
    return str(rule.chapter or rule.organization or _("all organisations"))


def wordings_page(request, template: PromptTemplate) -> dict:
    if not request.user.has_perm("notifications.view_variant"):
        return {}
    order: list[str] = [Variant.State.APPROVED, Variant.State.DRAFT, Variant.State.RETIRED]
    wordings = sorted(template.variants.all(), key=lambda wording: (order.index(wording.state), wording.language))
    return {
        "wordings": [
            {
                "url": address_of("notifications_variant", wording.pk),
                "language": wording.get_language_display(),
                "subject": wording.subject,
                "body": wording.body,
                "badge": state_badge(wording),
            }
            for wording in wordings
        ],
        "add_wording_url": f"{reverse('admin:notifications_variant_add')}?template={template.pk}",
        "may_write": request.user.has_perm("notifications.add_variant") and may_edit(request.user, template),
    }


def state_badge(variant: Variant) -> str:
    return badge(variant.get_state_display(), STATE_TONES.get(variant.state, ""))
