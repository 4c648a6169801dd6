from datetime import date

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget

from .. import operations
from ..models import ActivitiesKnownSince, Chapter, StaffScope
from .base import Admin, KeptWhileUsed, ReadOnly, badge
from .forms import ThoroughForm
from .rights import ScopeForm, given_by, may_scope
from .switch import SwitchView

# Of a number that fits into a key.
MOST_DIGITS = 18


HOW_MUCH = ["telling_enabled", "weekly_cap", "min_hours_between_messages", "human_contact_days"]


class OrganizationForm(ThoroughForm):
    activities_known_since = forms.DateField(
        label=_("Activities are complete since"),
        required=False,
        widget=UnfoldAdminDateWidget(),
        help_text=_(
            "From this day on, every activity of the mentors who are here now is in Peerwell, for example because you"
            " have imported them. Silence counts from this day at the earliest. Empty: silence counts from the day on"
            " which each mentor was entered. Mentors who have logged nothing since this day may get a message at the"
            " next daily check."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "activities_known_since" in self.fields:
            self.initial["activities_known_since"] = self.instance.activities_known_since

    def clean_activities_known_since(self) -> date | None:
        stated = self.cleaned_data["activities_known_since"]
        if stated and stated > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return stated


class FixedId(Admin):
    """An id from somebody else's register: given once, since everything refers to it."""

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["id"] if obj else [])]


class OrganizationAdmin(FixedId, KeptWhileUsed):
    """Registered in `notifications.admin`, which has the wordings of ready-made rules."""

    form = OrganizationForm
    list_display = ["name", "id", "time_zone", "weekly_cap", "human_contact_days", "messages"]
    list_filter = ["telling_enabled"]
    search_fields = ["name", "id"]
    fieldsets = [
        (None, {"fields": ["name", "id", "time_zone"]}),
        (_("How much we say"), {"fields": HOW_MUCH}),
        (_("What is known"), {"fields": ["activities_known_since"]}),
        (_("When a person is asked first"), {"fields": ["brake_limit_percent", "brake_fewest"]}),
    ]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "activities_known_since" in form.changed_data:
            stated = form.cleaned_data["activities_known_since"]
            operations.state_known_since(obj, stated, by=request.user, now=timezone.now())

    def get_urls(self):
        switch = self.admin_site.admin_view(SwitchView.as_view(model_admin=self))
        return [path("switch/", switch, name="scenarios_organization_switch"), *super().get_urls()]

    @display(description=_("messages"), ordering="telling_enabled")
    def messages(self, organization):
        return badge(_("on"), "success") if organization.telling_enabled else badge(_("off"), "danger")


@admin.register(Chapter)
class ChapterAdmin(FixedId, KeptWhileUsed):
    list_display = ["name", "id", "organization"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "id", "organization__name"]
    fields = ["name", "id", "organization"]
    autocomplete_fields = ["organization"]

    def get_readonly_fields(self, request, obj=None):
        # Rules and memberships would find themselves in another organisation.
        return [*super().get_readonly_fields(request, obj), *(["organization"] if obj else [])]

    def get_search_results(self, request, queryset, search_term):
        """Offer the chapters of one organisation only, or of a mentor's, where a form asks for that."""
        if organization := request.GET.get("organization"):
            queryset = queryset.filter(organization_id=organization)
        mentor = request.GET.get("mentor", "")
        if mentor.isascii() and mentor.isdigit() and len(mentor) <= MOST_DIGITS:
            queryset = queryset.filter(organization__mentors=int(mentor))
        return super().get_search_results(request, queryset, search_term)


@admin.register(StaffScope)
class StaffScopeAdmin(Admin):
    list_display = ["user", "what"]
    list_filter = ["everything", "organization"]
    list_select_related = ["user", "organization", "chapter"]
    search_fields = ["user__username", "organization__name", "chapter__name"]
    autocomplete_fields = ["user", "organization", "chapter"]
    form = ScopeForm

    def get_form(self, request, obj=None, change=False, **kwargs):
        return super().get_form(request, obj, change, **{"form": given_by(request.user, self.form), **kwargs})

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or may_scope(request.user, obj.user))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or may_scope(request.user, obj.user))

    @display(description=_("may see"))
    def what(self, scope):
        return str(scope)


class StaffScopeInline(TabularInline):
    """On the page of a person, who is `obj` here."""

    model = StaffScope
    form = ScopeForm
    extra = 0
    autocomplete_fields = ["organization", "chapter"]
    verbose_name_plural = _("what this person may see")

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, **{"form": given_by(request.user, self.form), **kwargs})

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and (obj is None or may_scope(request.user, obj))

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or may_scope(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or may_scope(request.user, obj))


@admin.register(ActivitiesKnownSince)
class ActivitiesKnownSinceAdmin(ReadOnly):
    """What organisations have said of their log, and when; it is said on the organisation's page."""

    list_display = ["organization", "known_since", "recorded_at", "stated_by", "withdrawn_at"]
    list_select_related = ["organization", "stated_by"]
    list_filter = ["organization"]
    search_fields = ["organization__name"]
    ordering = ["-recorded_at", "-pk"]
    fields = ["organization", "known_since", "recorded_at", "stated_by", "withdrawn_at"]
