"""Message briefs and their wordings. What is approved is sent as it stands: an edit of it becomes a new draft."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display

from scenarios.admin.base import Admin, KeptWhileUsed, address_of, badge
from scenarios.models import PromptTemplate

from ..copywriter import PLACEHOLDERS
from ..models import Variant


@admin.register(PromptTemplate)
class PromptTemplateAdmin(KeptWhileUsed):
    list_display = ["name", "id", "purpose_in_short", "tone"]
    search_fields = ["name", "purpose", "id__exact"]
    fields = ["name", "purpose", "tone"]
    change_form_outer_after_template = "admin/notifications/wordings.html"

    def has_delete_permission(self, request, obj=None):
        # What was approved may have been sent.
        allowed = super().has_delete_permission(request, obj)
        return allowed and not obj.variants.filter(approved_at__isnull=False).exists()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        page = wordings_page(unquote(object_id)) if request.user.has_perm("notifications.view_variant") else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

    @display(description=_("purpose"), ordering="purpose")
    def purpose_in_short(self, template):
        return template.purpose if len(template.purpose) <= 80 else f"{template.purpose[:79]}…"


def wordings_page(template_id: str) -> dict:
    wordings = Variant.objects.filter(template=template_id).select_related("approved_by")
    return {
        "wordings": [
            {
                "url": address_of("notifications_variant", wording.pk),
                "language": wording.get_language_display(),
                "subject": wording.subject,
                "body": wording.body,
                "badge": approval_badge(wording),
            }
            for wording in wordings
        ],
        "add_wording_url": f"{reverse('admin:notifications_variant_add')}?template={template_id}",
    }


class ApprovalFilter(DropdownFilter):
    title = _("state")
    parameter_name = "approved"

    def lookups(self, request, model_admin):
        return [("no", _("draft")), ("yes", _("approved"))]

    def queryset(self, request, queryset):
        return queryset.filter(approved_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Variant)
class VariantAdmin(Admin):
    list_display = ["subject", "template", "language", "state", "approved_at", "approved_by"]
    list_filter = [ApprovalFilter, "language"]
    list_select_related = ["template", "approved_by"]
    search_fields = ["subject", "body", "template__name"]
    autocomplete_fields = ["template"]
    fieldsets = [
        (None, {"fields": ["template", "language", "subject", "body"]}),
        (_("Approval"), {"fields": ["state", "approved_at", "approved_by"]}),
    ]
    readonly_fields = ["state", "approved_at", "approved_by"]
    actions_submit_line = ["approve"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        names = " ".join(f"${name}" for name in PLACEHOLDERS)
        texts = {"body": _("These words are filled in for each mentor: %(names)s") % {"names": names}}
        return super().get_form(request, obj, change, **{**kwargs, "help_texts": texts})

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request, obj=None):
        # An approved wording must not slip into another brief or language.
        return [*self.readonly_fields, *(["template", "language"] if obj and obj.approved_at else [])]

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.approved_at is None)

    def has_approve_permission(self, request, obj=None):
        return request.user.has_perm("notifications.change_variant")

    def get_actions_submit_line(self, request, object_id):
        approved = Variant.objects.filter(pk=object_id, approved_at__isnull=False).exists()
        return [] if approved else super().get_actions_submit_line(request, object_id)

    def save_model(self, request, obj, form, change):
        if change and obj.approved_at and form.changed_data:
            self._branch_off(request, obj)
        super().save_model(request, obj, form, change)

    def _branch_off(self, request, variant):
        variant.pk = None
        variant._state.adding = True
        variant.approved_at = variant.approved_by = None
        messages.warning(
            request,
            _("The approved wording is still what is sent. Your changes are kept as a draft: read and approve it."),
        )

    @action(description=_("Save and approve"), permissions=["approve"], icon="check")
    def approve(self, request, obj):
        approve(obj, by=request.user, now=timezone.now())
        messages.success(request, _("Approved: from now on this is what is sent."))

    @display(description=_("state"), ordering="approved_at")
    def state(self, variant):
        return approval_badge(variant)


@transaction.atomic
def approve(variant: Variant, *, by, now) -> None:
    """Approve a wording; the one that was sent until now in its language goes back to being a draft."""
    alike = Variant.objects.select_for_update().filter(template=variant.template_id, language=variant.language)
    alike.filter(approved_at__isnull=False).exclude(pk=variant.pk).update(approved_at=None, approved_by=None)
    variant.approved_at, variant.approved_by = now, by
    variant.save(update_fields=["approved_at", "approved_by"])


def approval_badge(variant: Variant) -> str:
    return badge(_("approved"), "success") if variant.approved_at else badge(_("draft"), "warning")
