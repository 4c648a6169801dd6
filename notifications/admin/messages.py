from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from scenarios import engine
from scenarios.admin.base import NOTHING, ReadOnly, address_of, badge
from scenarios.admin.filters import DayFilter

from .. import channels, mailfiles
from ..models import Notification
from .named import Named, may_see_names

TONES = {"sent": "success", "pending": "info", "sending": "info", "failed": "warning", "discarded": "danger"}

# What a letter says, and what stands in its place before those who may not see names.
WITHHELD = {"subject": "wording", "text": "withheld", "body": "withheld"}


@admin.register(Notification)
class NotificationAdmin(Named, ReadOnly):
    list_display = ["mentor", "subject", "state", "way", "attempts", "created_at", "finished_at"]
    list_display_links = ["subject"]
    list_filter = ["status", ("mentor__organization", AutocompleteSelectFilter), ("created_at", DayFilter)]
    list_select_related = ["mentor"]
    search_fields = ["mentor__user_id", "message_id__exact"]
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["mentor", "subject", "text", "language_name"]}),
        (_("What became of it"), {"fields": ["state", "last_error", "created_at", "due_at", "finished_at"]}),
        (_("On its way"), {"fields": ["way", "attempts", "crashes", "send_started_at", "message_id"]}),
        (_("Where it comes from"), {"fields": ["why", "variant"]}),
    ]
    readonly_fields = ["state", "way", "text", "language_name", "why"]
    change_form_outer_after_template = "admin/notifications/mail_as_delivered.html"

    def get_list_display(self, request):
        return self._without_letter(request, super().get_list_display(request))

    def get_list_display_links(self, request, list_display):
        return self._without_letter(request, super().get_list_display_links(request, list_display))

    def get_list_select_related(self, request):
        return [*super().get_list_select_related(request), "variant"]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "wording", "withheld"]

    def lookup_allowed(self, lookup, value, request=None):
        # Asked often enough, “does the letter contain this?” would spell out the name in it.
        of_letter = lookup.split("__")[0] in WITHHELD
        return super().lookup_allowed(lookup, value, request) and not (
            of_letter and not (request and may_see_names(request.user))
        )

    def _without_letter(self, request, fields):
        """Put what was approved in the place of what was written: the letter begins with a name."""
        return fields if may_see_names(request.user) else [WITHHELD.get(field, field) for field in fields]

    def get_fieldsets(self, request, obj=None):
        """Leave out when it is tried next once nothing is tried any more, and the other way round."""
        gone = "due_at" if obj and obj.finished_at else "finished_at"
        sections = super().get_fieldsets(request, obj)
        return [
            (name, {**rest, "fields": self._without_letter(request, [f for f in rest["fields"] if f != gone])})
            for name, rest in sections
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        notification = self.get_object(request, unquote(object_id)) if may_see_names(request.user) else None
        mail = mailfiles.read(notification.message_id) if notification else None
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "mail": mail})

    @display(description=_("status"), ordering="status")
    def state(self, notification):
        return badge(notification.get_status_display(), TONES.get(notification.status, ""))

    @display(description=_("channel"), ordering="channel")
    def way(self, notification):
        slug = notification.channel
        return str(channels.registry[slug].label) if slug in channels.registry else slug

    @display(description=_("language"))
    def language_name(self, notification):
        return dict(settings.LANGUAGES).get(notification.language, notification.language or NOTHING)

    @display(description=_("why"))
    def why(self, notification):
        url = address_of("scenarios_decision", notification.decision_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, engine.explain(notification.decision))

    @display(description=_("wording"))
    def wording(self, notification):
        return notification.variant.subject if notification.variant else NOTHING

    @display(description=_("text"))
    def withheld(self, notification):
        return _("Not shown: the letter holds a name, and you may not see names and addresses.")

    @display(description=_("text"))
    def text(self, notification):
        return format_html('<div style="white-space: pre-line">{}</div>', notification.body)
