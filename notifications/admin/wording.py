"""The wordings of a brief. What is approved is sent as it stands: an edit of it becomes a new draft."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from scenarios.admin.base import Admin, address_of, go_on

from .. import texts
from ..copywriter import PLACEHOLDERS
from ..models import Variant
from .approving import ApproveView
from .briefs import may_edit, state_badge

State = Variant.State


@admin.register(Variant)
class VariantAdmin(Admin):
    list_display = ["subject", "template", "language", "state_shown", "approved_at", "approved_by"]
    list_filter = ["state", "language", "template__organization"]
    list_select_related = ["template__organization", "approved_by"]
    search_fields = ["subject", "body", "template__name", "template__organization__name"]
    autocomplete_fields = ["template"]
    fieldsets = [
        (None, {"fields": ["template", "language", "subject", "body"]}),
        (_("Approval"), {"fields": ["state_shown", "approved_at", "approved_by", "retired_at"]}),
    ]
    readonly_fields = ["state_shown", "approved_at", "approved_by", "retired_at"]
    actions_submit_line = ["approve"]
    actions_detail = ["use_again"]

    def get_urls(self):
        approving = self.admin_site.admin_view(ApproveView.as_view(model_admin=self))
        return [path("<path:object_id>/approve/", approving, name="notifications_variant_approve"), *super().get_urls()]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("template__organization")

    def get_form(self, request, obj=None, change=False, **kwargs):
        names = " ".join(f"${name}" for name in PLACEHOLDERS)
        help_texts = {"body": _("These words are filled in for each mentor: %(names)s") % {"names": names}}
        return super().get_form(request, obj, change, **{**kwargs, "help_texts": help_texts})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "template" and not request.user.is_superuser:
            # What all organisations share is for administrators.
            field.queryset = field.queryset.filter(organization__isnull=False)
        return field

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request, obj=None):
        # A wording that somebody has read must not slip into another brief or language.
        return [*self.readonly_fields, *(["template", "language"] if obj and obj.state != State.DRAFT else [])]

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or (obj.state != State.RETIRED and may_edit(request.user, obj.template)))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (obj.state == State.DRAFT and may_edit(request.user, obj.template)))

    def has_approve_permission(self, request, obj=None):
        return request.user.has_perm("notifications.change_variant")

    def has_use_again_permission(self, request, obj=None):
        return request.user.has_perm("notifications.add_variant")

    def get_actions_submit_line(self, request, object_id):
        draft = Variant.objects.filter(pk=object_id, state=State.DRAFT).exists()
        return super().get_actions_submit_line(request, object_id) if draft else []

    def get_actions_detail(self, request, object_id):
        retired = Variant.objects.filter(pk=unquote(str(object_id)), state=State.RETIRED).select_related("template")
        offered = [variant for variant in retired if may_edit(request.user, variant.template)]
        return super().get_actions_detail(request, object_id) if offered else []

    def save_model(self, request, obj, form, change):
        if change and obj.state == State.APPROVED and form.changed_data:
            self._branch_off(request, obj)
        super().save_model(request, obj, form, change)

    def _branch_off(self, request, variant):
        variant.pk = None
        variant._state.adding = True
        variant.state, variant.approved_at, variant.approved_by = State.DRAFT, None, None
        messages.warning(
            request,
            _("The approved wording is still what is sent. Your changes are kept as a draft: read and approve it."),
        )

    @action(description=_("Save and approve"), permissions=["approve"], icon="check")
    def approve(self, request, obj):
        """Approve at once, unless more than one organisation would receive it: then a page asks first."""
        try:
            texts.approve(obj, by=request.user, now=timezone.now())
        except texts.MoreReceiveIt:
            request.asks_first = True
        else:
            messages.success(request, _("Approved: from now on this is what is sent."))

    def response_change(self, request, obj):
        if getattr(request, "asks_first", False):
            return redirect("admin:notifications_variant_approve", obj.pk)
        return super().response_change(request, obj)

    @action(
        description=_("Copy to a new draft"),
        permissions=["use_again"],
        icon="content_copy",
        dialog={
            "title": _("Copy to a new draft?"),
            "description": _("What is sent stays as it is until somebody approves the draft."),
            "form_class": None,
            "form_submit_text": _("Copy"),
        },
    )
    def use_again(self, request, form, object_id):
        variant = get_object_or_404(Variant.objects.select_related("template"), pk=unquote(object_id))
        if not may_edit(request.user, variant.template):
            return HttpResponseRedirect(address_of("notifications_variant", variant.pk))
        draft = texts.draft_of(variant)
        draft.save()
        self.log_addition(request, draft, str(_("Copied from a retired wording.")))
        messages.success(request, _("This is a draft now. Read it, then save and approve it."))
        return go_on(request, address_of("notifications_variant", draft.pk))

    @display(description=_("state"), ordering="state")
    def state_shown(self, variant):
        return state_badge(variant)
