"""The one gate before mentors' names and addresses: who may not see contacts sees, finds and sorts by user IDs."""

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import Admin, address_of


def may_see_names(user) -> bool:
    """Tell whether somebody may know who the mentors are.

    Whatever shows a name, an address or a letter asks this, and so does what searches, filters or sorts by one: an
    answer that depends on a name gives it away letter by letter.
    """
    return user.has_perm("notifications.view_contact")


def name_for(user, mentor) -> str:
    """Return the mentor's name, or the user ID where there is none or this user may not see it.

    Select `contact` along where many are named.
    """
    return name_of(mentor) if may_see_names(user) else mentor.user_id


def name_of(mentor) -> str:
    """Return the name whoever asks: only for a column that `ByName` offers to those who may see it."""
    contact = getattr(mentor, "contact", None)
    return contact.name if contact else mentor.user_id


class ByName(Admin):
    """A list that is searched and sorted by names, as far as the user may see them."""

    # The part of a lookup that leads from a row to the name.
    contact = "contact"
    searched_by_name = ["contact__name"]
    help_text_by_name = _("Name or user ID")

    def get_search_fields(self, request):
        by_name = self.searched_by_name if may_see_names(request.user) else []
        return [*super().get_search_fields(request), *by_name]

    def get_list_select_related(self, request):
        contact = [self.contact] if may_see_names(request.user) else []
        return [*super().get_list_select_related(request), *contact]

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        if may_see_names(request.user):
            changelist.search_help_text = self.help_text_by_name
        return changelist


class Named(ByName):
    """A page of rows that are about a mentor, with the name, which leads to the mentor's page."""

    contact = "mentor__contact"
    searched_by_name = ["mentor__contact__name"]
    search_help_text = _("User ID")
    named_column = "mentor"

    def column_of_mentor(self, request) -> str:
        return "who" if may_see_names(request.user) else "pseudonym"

    def get_list_display(self, request):
        column = self.column_of_mentor(request)
        return [column if name == self.named_column else name for name in super().get_list_display(request)]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), self.column_of_mentor(request)]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return super().get_fieldsets(request, obj)
        column = self.column_of_mentor(request)
        return [
            (name, {**rest, "fields": self._named(rest["fields"], column)})
            for name, rest in super().get_fieldsets(request, obj)
        ]

    def _named(self, fields, column: str):
        return [column if field == "mentor" else field for field in fields if field != column]

    def whom(self, request, row) -> str:
        return name_for(request.user, row.mentor)

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            # What the page is headed with, instead of the row's number.
            request.heading = name_for(request.user, row.mentor)
        return row

    @display(description=_("peer mentor"), ordering="mentor__user_id")
    def who(self, row):
        return link_to(row, name_of(row.mentor))

    @display(description=_("peer mentor"), ordering="mentor__user_id")
    def pseudonym(self, row):
        return link_to(row, row.mentor.user_id)


def link_to(row, name: str) -> str:
    url = address_of("scenarios_peermentor", row.mentor_id)
    return format_html('<a class="text-link" href="{}">{}</a>', url, name)
