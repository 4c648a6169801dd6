"""What went wrong, whom we told of it, and the one thing that a person may do: say that it is dealt with."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from scenarios.admin.base import NOTHING, ReadOnly, address_of, badge, go_on
from scenarios.admin.filters import DayFilter

from .. import operations
from ..models import Incident


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    list_display = ["kind", "state", "run", "message", "opened_at", "closed_at"]
    list_filter = ["kind", ("opened_at", DayFilter)]
    list_select_related = ["run"]
    search_fields = ["run__id__exact", "message"]
    ordering = ["-opened_at", "-id"]
    fields = ["kind", "state", "run", "message", "opened_at", "closed_at", "closed_by", "told"]
    readonly_fields = ["state", "told"]
    actions_detail = ["dealt_with"]

    def get_fields(self, request, obj=None):
        return [name for name in self.fields if name != "closed_by" or (obj and obj.closed_by)]

    def get_actions_detail(self, request, object_id):
        return super().get_actions_detail(request, object_id) if waits_for_a_person(unquote(object_id)) else []

    @display(description=_("state"), ordering="closed_at")
    def state(self, incident):
        return badge(_("over"), "success") if incident.closed_at else badge(_("open"), "danger")

    @display(description=_("operators told"))
    def told(self, incident):
        lines = [
            (notice, notice.get_status_display(), notice.last_error) for notice in incident.notices.order_by("made_at")
        ]
        return format_html_join("", "<p>{}: {} {}</p>", lines) or NOTHING

    def has_dealt_permission(self, request, obj=None):
        return request.user.has_perm("scheduler.change_incident")

    @action(
        description=_("This is dealt with"),
        permissions=["dealt"],
        icon="task_alt",
        dialog={
            "title": _("Is this dealt with?"),
            "description": _("The incident is closed, and the operators are told that it is over."),
            "form_submit_text": _("Yes, close it"),
        },
    )
    def dealt_with(self, request, form, object_id):
        incident_id = unquote(object_id)
        closed = operations.deal_with(incident_id=int(incident_id), by=request.user.get_username(), now=timezone.now())
        if closed:
            messages.success(request, _("The incident is closed."))
        else:
            messages.error(request, _("This incident is over already."))
        return go_on(request, address_of("scheduler_incident", incident_id))


def waits_for_a_person(incident_id: str) -> bool:
    return Incident.objects.filter(pk=incident_id, closed_at__isnull=True, kind__in=Incident.FOR_PEOPLE).exists()
