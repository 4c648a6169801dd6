from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import NOTHING, ReadOnly, badge
from scenarios.admin.filters import DayFilter

from ..models import Batch
from .runs import in_seconds

TONES = {"pending": "info", "done": "success", "failed": "danger"}


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    list_display = ["run", "index", "state", "user_count", "notifications_sent", "took", "starts", "finished_at"]
    list_filter = ["status", ("finished_at", DayFilter)]
    list_select_related = ["run"]
    search_fields = ["run__id__exact"]
    search_help_text = _("ID of the run")
    ordering = ["-id"]
    fields = [
        "run",
        "index",
        "state",
        "who",
        "as_of",
        "user_count",
        "notifications_sent",
        "took",
        "starts",
        "last_start_at",
        "finished_at",
        "last_error",
    ]
    readonly_fields = ["state", "who", "took"]

    def lookup_allowed(self, lookup, value, request=None):
        # The run's page links here.
        return lookup == "run" or super().lookup_allowed(lookup, value, request)

    @display(description=_("status"), ordering="status")
    def state(self, batch):
        return badge(batch.get_status_display(), TONES.get(batch.status, ""))

    @display(description=_("took"), ordering="duration_ms")
    def took(self, batch):
        return in_seconds(batch.duration_ms)

    @display(description=_("who is weighed"))
    def who(self, batch):
        if batch.user_ids is not None:
            return ", ".join(batch.user_ids) or NOTHING
        return _("mentors number %(lo)d to %(hi)d") % {"lo": batch.lo, "hi": batch.hi}
