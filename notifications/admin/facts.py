"""The pages of facts and decisions, with the mentors' names."""

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import NOTHING, address_of
from scenarios.admin.decisions import DecisionAdmin
from scenarios.admin.facts import ADMINS
from scenarios.models import Decision

from ..models import Notification
from .named import Named, may_see_names


def register(model: type[Model], kind: type) -> None:
    admin.site.register(model, type(f"Named{kind.__name__}", (Named, kind), {"__module__": __name__}))


for _model, _kind in ADMINS.items():
    register(_model, _kind)


@admin.register(Decision)
class NamedDecisionAdmin(Named, DecisionAdmin):
    list_display = ["mentor", "sentence", "outcome_badge", "rule", "decided_at"]
    list_display_links = ["sentence"]

    def get_fieldsets(self, request, obj=None):
        sections = super().get_fieldsets(request, obj)
        message = self.column_of_message(request)
        return [
            (name, {**rest, "fields": [*rest["fields"], message]})
            if "settled_at" in rest["fields"]
            else (name, {**rest, "fields": [*rest["fields"], "whole_day"]})
            if "run" in rest["fields"]
            else (name, rest)
            for name, rest in sections
        ]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), self.column_of_message(request), "whole_day"]

    def column_of_message(self, request) -> str:
        # A title may hold the mentor's name.
        return "message" if may_see_names(request.user) else "message_state"

    @display(description=_("why, why not"))
    def whole_day(self, decision):
        if not decision.run_id:
            return NOTHING
        url = reverse("admin:scenarios_peermentor_why", args=[decision.mentor_id])
        text = _("What the other rules said about this mentor then")
        return format_html('<a class="text-link" href="{}?decision={}">{}</a>', url, decision.pk, text)

    @display(description=_("message"))
    def message(self, decision):
        return link_to_message(decision, lambda notification: notification.subject)

    @display(description=_("message"))
    def message_state(self, decision):
        return link_to_message(decision)


def link_to_message(decision: Decision, titled=lambda notification: "") -> str:
    notification = Notification.objects.filter(decision=decision).only("pk", "subject", "status").first()
    if notification is None:
        return NOTHING
    url = address_of("notifications_notification", notification.pk)
    said = titled(notification) or notification.get_status_display()
    return format_html('<a class="text-link" href="{}">{}</a>', url, said)
