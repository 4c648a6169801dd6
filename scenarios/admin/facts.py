"""Facts are never overwritten: an edit withdraws the old row and inserts the new one, a deletion withdraws."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.postgres.fields import ArrayField
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from .. import operations, triggers
from ..models import Activity, Certification, HumanContact, Membership, OptOut, Pause
from .base import CHANGED_MEANWHILE, MOMENTS, Admin, address_of, badge
from .filters import DayFilter, StandingFilter


def new_row(begins: str, request) -> dict:
    """Return what a new row starts out with: the present moment, and for a conversation whoever logs it."""
    now = timezone.localtime().replace(second=0, microsecond=0)
    row = {begins: now} if begins else {}
    return {**row, "contacted_by": request.user.pk} if begins == "contacted_at" else row


class FactAdmin(Admin):
    delete_confirmation_template = "admin/scenarios/withdraw_confirmation.html"
    autocomplete_fields = ["mentor"]
    list_select_related = ["mentor"]
    readonly_fields = ["recorded_at", "withdrawn_at"]
    search_fields = ["mentor__user_id"]
    # The field that is now on a new row.
    begins = ""

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.withdrawn_at is None)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.withdrawn_at is None)

    def get_readonly_fields(self, request, obj=None):
        # It would become a fact about somebody else.
        return [*super().get_readonly_fields(request, obj), *(["mentor"] if obj else [])]

    def get_changeform_initial_data(self, request):
        return {**new_row(self.begins, request), **super().get_changeform_initial_data(request)}

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except self.model.DoesNotExist:
            return self.changed_meanwhile(request)

    def changed_meanwhile(self, request):
        messages.error(request, CHANGED_MEANWHILE)
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def get_fields(self, request, obj=None):
        """Name the mentor first, and leave out what a row that holds doesn't have."""
        fields = [name for name in super().get_fields(request, obj) if name != "mentor"]
        if obj is None:
            fields = [name for name in fields if name not in self.readonly_fields]
        elif obj.withdrawn_at is None:
            fields.remove("withdrawn_at")
        return ["mentor", *fields]

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            operations.amend(obj, now=timezone.now())

    def delete_model(self, request, obj):
        operations.withdraw(obj, now=timezone.now())

    def get_deleted_objects(self, objs, request):
        """Name what is withdrawn; nothing that refers to it goes with it."""
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def whom(self, request, fact) -> str:
        return fact.mentor.user_id

    def delete_view(self, request, object_id, extra_context=None):
        fact = self.get_object(request, unquote(object_id))
        about = {"whom": self.whom(request, fact)} if fact else {}
        try:
            return super().delete_view(request, object_id, {**(extra_context or {}), **about})
        except self.model.DoesNotExist:
            return self.changed_meanwhile(request)

    @display(description=_("state"))
    def state(self, fact):
        return badge(_("taken back")) if fact.withdrawn_at else badge(period_state(fact, timezone.now()), "info")


def period_state(fact, now):
    """Say where a fact with a beginning and an end stands as of now."""
    if fact.starts_at > now:
        return _("to come")
    return _("over") if fact.ends_at and fact.ends_at <= now else _("now")


CHAPTER_PICKER = ["scenarios/chapter_picker.js"]


class MembershipAdmin(FactAdmin):
    begins = "starts_at"
    list_display = ["mentor", "chapter", "starts_at", "ends_at", "state"]
    list_filter = [StandingFilter, "chapter__organization"]
    list_select_related = ["mentor", "chapter"]
    autocomplete_fields = ["mentor", "chapter"]
    ordering = ["-id"]

    class Media:
        js = CHAPTER_PICKER


class PauseAdmin(FactAdmin):
    begins = "starts_at"
    list_display = ["mentor", "starts_at", "ends_at", "state"]
    list_filter = [StandingFilter, "mentor__organization", ("starts_at", DayFilter)]
    ordering = ["-id"]


class OptOutAdmin(FactAdmin):
    list_display = ["mentor", "kind", "recorded_at"]
    list_filter = [StandingFilter, "mentor__organization"]
    ordering = ["-id"]

    @display(description=_("kind of message"), ordering="trigger_type")
    def kind(self, opt_out):
        return trigger_label(opt_out.trigger_type) or badge(_("everything"), "warning")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        return opt_out_field(db_field, request) or super().formfield_for_dbfield(db_field, request, **kwargs)


class HumanContactAdmin(FactAdmin):
    begins = "contacted_at"
    list_display = ["mentor", "contacted_at", "contacted_by"]
    list_filter = [StandingFilter, "mentor__organization", ("contacted_at", DayFilter)]
    list_select_related = ["mentor", "contacted_by"]
    autocomplete_fields = ["mentor", "contacted_by"]
    ordering = ["-id"]

    def response_post_save_add(self, request, obj):
        """Go back to the mentor, from whose page a conversation is logged."""
        if request.user.has_perm("scenarios.view_peermentor"):
            return HttpResponseRedirect(address_of("scenarios_peermentor", obj.mentor_id))
        return super().response_post_save_add(request, obj)


class ActivityAdmin(FactAdmin):
    list_display = ["activity_id", "mentor", "activity_type", "completed_at", "chapter"]
    list_filter = [StandingFilter, "mentor__organization", ("completed_at", DayFilter)]
    list_select_related = ["mentor", "chapter"]
    search_fields = ["mentor__user_id", "activity_id__exact"]
    autocomplete_fields = ["mentor", "chapter"]
    ordering = ["-id"]
    formfield_overrides = {**MOMENTS, ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    begins = "completed_at"

    class Media:
        js = CHAPTER_PICKER

    def get_readonly_fields(self, request, obj=None):
        # The other system knows the activity by this id, and so do evaluations.
        return [*super().get_readonly_fields(request, obj), *(["activity_id"] if obj else [])]


class CertificationAdmin(FactAdmin):
    list_display = ["kind", "mentor", "issued_at", "expires_at"]
    list_filter = [StandingFilter, "mentor__organization", ("expires_at", DayFilter)]
    search_fields = ["mentor__user_id", "kind", "certification_id__exact"]
    ordering = ["-id"]


def trigger_label(slug: str) -> str:
    """Return what people call a trigger type, or its slug where it is no longer known."""
    return str(triggers.registry[slug].label) if slug in triggers.registry else slug


def opt_out_field(db_field, request):
    """Return a choice of the trigger types for an opt-out's kind, whose column is free for types that are retired."""
    if db_field.name != "trigger_type":
        return None
    choices = [("", _("No messages at all")), *triggers.choices()]
    return forms.ChoiceField(
        label=capfirst(db_field.verbose_name), choices=choices, required=False, widget=UnfoldAdminSelectWidget()
    )


ADMINS = {
    Membership: MembershipAdmin,
    Pause: PauseAdmin,
    OptOut: OptOutAdmin,
    HumanContact: HumanContactAdmin,
    Activity: ActivityAdmin,
    Certification: CertificationAdmin,
}
