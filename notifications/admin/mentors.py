from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, F
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import StackedInline
from unfold.decorators import display

from scenarios.admin.base import CHANGED_MEANWHILE, NOTHING, Kept, ReadOnly
from scenarios.admin.fact_rows import INLINES
from scenarios.admin.filters import DayFilter
from scenarios.admin.forms import ThoroughForm
from scenarios.models import PeerMentor

from ..models import Contact
from .mentor_filters import ChapterFilter, SilenceFilter, SituationFilter
from .mentor_page import mentor_page
from .named import ByName, Named, may_see_names, name_for, name_of
from .situation import days_since, situation_badge, with_chapters, with_situation

# Who never logged anything comes first, before those who did so longest ago.
BY_LAST_ACTIVITY = F("last_activity_at").asc(nulls_first=True)


def namesakes(names: set[str]) -> set[str]:
    """Return which of these names more than one mentor has."""
    shared = Contact.objects.filter(name__in=names).order_by().values("name").annotate(number=Count("pk"))
    return set(shared.filter(number__gt=1).values_list("name", flat=True))


class ContactInline(StackedInline):
    model = Contact
    form = ThoroughForm
    can_delete = False
    max_num = 1
    hide_title = True

    def has_add_permission(self, request, obj=None):
        # A name may be entered for somebody new; beside one that is there but not shown it would be a second.
        return super().has_add_permission(request, obj) and (obj is None or may_see_names(request.user))

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_see_names(request.user)

    def has_view_permission(self, request, obj=None):
        return may_see_names(request.user)


class PeerMentorAdmin(ByName, Kept):
    """Registered in `config.pages`, which knows the days of the runs too."""

    list_display = ["who", "chapters", "organization", "situation", "last_activity", "silence", "joined"]
    list_filter = [
        SituationFilter,
        SilenceFilter,
        "organization",
        ("memberships__chapter", ChapterFilter),
        ("joined_at", DayFilter),
    ]
    list_select_related = ["organization"]
    search_fields = ["user_id"]
    search_help_text = _("User ID")
    searched_by_name = ["contact__name", "contact__email"]
    help_text_by_name = _("Name, e-mail address or user ID")
    ordering = [F("contact__name").asc(nulls_last=True), "id"]
    fieldsets = [
        (None, {"fields": ["user_id", "organization", "joined_at", "left_at"]}),
        (
            _("Weekly target"),
            {
                "fields": ["weekly_distance_meters", "weekly_minutes", "weekly_activities"],
                "description": _("What this mentor has set out to do. Empty: the rules' own target."),
                "classes": ["collapse"],
            },
        ),
    ]
    autocomplete_fields = ["organization"]
    inlines = [ContactInline, *INLINES]
    change_form_outer_before_template = "admin/notifications/mentor_heading.html"
    change_form_outer_after_template = "admin/notifications/mentor_page.html"

    def get_queryset(self, request):
        mentors = super().get_queryset(request)
        now = timezone.now()
        return with_chapters(with_situation(mentors, now), now) if self.is_list(request) else mentors

    def texts_of(self, request, rows) -> list[str]:
        """Return name, chapters and organisation of each; namesakes are told apart by their user IDs."""
        related = ["organization", "contact"] if may_see_names(request.user) else ["organization"]
        mentors = with_chapters(PeerMentor.objects.select_related(*related), timezone.now()).in_bulk(
            [row.pk for row in rows]
        )
        names = {pk: name_for(request.user, mentor) for pk, mentor in mentors.items()}
        shared = namesakes(set(names.values())) if may_see_names(request.user) else set()
        return [
            " · ".join(
                [
                    names[row.pk],
                    *([row.user_id] if names[row.pk] in shared else []),
                    *([", ".join(mentors[row.pk].chapter_names)] if mentors[row.pk].chapter_names else []),
                    mentors[row.pk].organization.name,
                ]
            )
            for row in rows
        ]

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        return columns if may_see_names(request.user) else ["user_id", *(name for name in columns if name != "who")]

    def get_ordering(self, request):
        return super().get_ordering(request) if may_see_names(request.user) else ["user_id"]

    def get_readonly_fields(self, request, obj=None):
        # Other systems know the mentor by this id; chapters and rules belong to the organisation.
        return ["user_id", "organization"] if obj else []

    def get_inlines(self, request, obj):
        # A mentor who isn't stored yet has no history; the pages of a new one stay short.
        return self.inlines if obj else [ContactInline, *INLINES[:1]]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        mentor = self.get_object(request, unquote(object_id))
        page = mentor_page(mentor, now=timezone.now(), user=request.user) if mentor else {}
        request.heading = page.get("name", "")
        try:
            return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})
        except tuple(inline.model.DoesNotExist for inline in INLINES):
            messages.error(request, CHANGED_MEANWHILE)
            return HttpResponseRedirect(request.get_full_path())

    def construct_change_message(self, request, form, formsets, add=False):
        """Leave the name out of the log of changes, which would be a second place for it."""
        said = super().construct_change_message(request, form, formsets, add)
        for entry in said:
            for what in entry.values():
                if what.get("name") == str(Contact._meta.verbose_name):
                    what["object"] = form.instance.user_id
        return said

    @display(description=_("name"), ordering="contact__name")
    def who(self, mentor):
        return name_of(mentor)

    @display(description=_("situation"))
    def situation(self, mentor):
        return situation_badge(mentor, timezone.now())

    @display(description=_("joined"), ordering="joined_at")
    def joined(self, mentor):
        return timezone.localtime(mentor.joined_at).date()

    @display(description=_("chapters"))
    def chapters(self, mentor):
        return ", ".join(mentor.chapter_names) or NOTHING

    @display(description=_("last activity"), ordering=BY_LAST_ACTIVITY)
    def last_activity(self, mentor):
        return timezone.localtime(mentor.last_activity_at).date() if mentor.last_activity_at else NOTHING

    @display(description=_("how long ago"), ordering=BY_LAST_ACTIVITY)
    def silence(self, mentor):
        if mentor.last_activity_at is None:
            return _("no activity yet")
        days = days_since(mentor.last_activity_at, timezone.now())
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days} if days else _("today")


@admin.register(Contact)
class ContactAdmin(Named, ReadOnly):
    """Names and addresses to look through; they are edited on the mentor's page, whose log keeps no names."""

    list_display = ["mentor", "email", "language", "time_zone"]
    list_display_links = None
    list_filter = ["language", "mentor__organization"]
    list_select_related = ["mentor"]
    search_fields = ["email", "mentor__user_id"]
    ordering = ["name"]
    fields = ["mentor", "name", "email", "language", "time_zone"]

    def has_view_permission(self, request, obj=None):
        return may_see_names(request.user)
