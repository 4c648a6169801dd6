"""Whether somebody is told when something goes wrong, and who was seen at work."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import ReadOnly, badge

from ..models import Heartbeat, Notice

TONES = {"pending": "info", "sent": "success", "given_up": "danger"}


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ["made_at", "what", "channel", "state", "attempts", "sent_at", "last_error"]
    list_filter = ["status", "what", "channel"]
    search_fields = ["run__id__exact", "incident__run__id__exact"]
    search_help_text = _("ID of the run")
    ordering = ["-id"]
    fields = ["what", "channel", "incident", "run", "state", "made_at", "due_at", "attempts", "sent_at", "last_error"]
    readonly_fields = ["state"]

    @display(description=_("status"), ordering="status")
    def state(self, notice):
        return badge(notice.get_status_display(), TONES.get(notice.status, ""))


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ["key", "kind", "started_at", "seen_at"]
    list_filter = ["kind"]
    search_fields = ["key"]
    ordering = ["-seen_at", "key"]
    fields = ["key", "kind", "started_at", "seen_at"]
