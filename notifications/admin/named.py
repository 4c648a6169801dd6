from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import Admin, address_of


def name_of(mentor) -> str:
    """Return the mentor's name, or the user ID of one who has none; select `contact` along where many are named."""
    contact = getattr(mentor, "contact", None)
    return contact.name if contact else mentor.user_id


class Named(Admin):
    """A page of rows that are about a mentor, with the name, which leads to the mentor's page."""

    named_column = "mentor"
    search_help_text = _("Name or user ID")

    def get_list_display(self, request):
        return ["who" if column == self.named_column else column for column in super().get_list_display(request)]

    def get_list_select_related(self, request):
        return [*super().get_list_select_related(request), "mentor__contact"]

    def get_search_fields(self, request):
        return [*super().get_search_fields(request), "mentor__contact__name"]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "who"]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return super().get_fieldsets(request, obj)
        return [
            (name, {**rest, "fields": self._named(rest["fields"])})
            for name, rest in super().get_fieldsets(request, obj)
        ]

    def _named(self, fields):
        return ["who" if field == "mentor" else field for field in fields if field != "who"]

    def whom(self, row) -> str:
        return name_of(row.mentor)

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            # What the page is headed with, instead of the row's number.
            request.heading = name_of(row.mentor)
        return row

    @display(description=_("peer mentor"), ordering="mentor__user_id")
    def who(self, row):
        url = address_of("scenarios_peermentor", row.mentor_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, name_of(row.mentor))
