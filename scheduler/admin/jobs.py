"""The long questions that somebody has asked, and how far each is."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import ReadOnly, badge

from ..models import Job

TONES = {"queued": "info", "running": "info", "done": "success", "failed": "danger"}


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Everybody sees their own; a superuser sees all. Answers name mentors by ID, and are read over the API."""

    list_display = ["kind", "stage", "progress", "asked_by", "created_at", "finished_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["asked_by"]
    search_fields = ["id__exact"]
    search_help_text = _("ID of the question")
    ordering = ["-created_at", "-id"]
    fields = ["kind", "stage", "progress", "asked_by", "created_at", "started_at", "finished_at", "expires_at", "error"]
    readonly_fields = ["stage"]

    def get_queryset(self, request):
        jobs = super().get_queryset(request)
        return jobs if request.user.is_superuser else jobs.filter(asked_by=request.user)

    @display(description=_("state"), ordering="state")
    def stage(self, job):
        return badge(job.get_state_display(), TONES.get(job.state, ""))
