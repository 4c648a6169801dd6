from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import F, OuterRef, Subquery
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from scenarios.admin.base import NOTHING, ReadOnly, address_of, badge, go_on
from scenarios.admin.filters import DayFilter
from scenarios.models import Clearance

from .. import operations
from ..models import Run
from .daily import DailyRunView
from .run_forms import StartForm, StopForm
from .run_page import run_page

TONES = {
    "running": "info",
    "success": "success",
    "partial": "warning",
    "failed": "danger",
    "held": "warning",
    "skipped": "warning",
}


class OriginFilter(DropdownFilter):
    title = _("started")
    parameter_name = "started"

    def lookups(self, request, model_admin):
        return [("daily", _("by the clock")), ("person", _("by a person"))]

    def queryset(self, request, queryset):
        return queryset.filter(schedule__isnull=self.value() == "person") if self.value() else queryset


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = [
        "invoked_at",
        "state",
        "started",
        "users_evaluated",
        "messages_decided",
        "batch_count",
        "took",
        "reason",
    ]
    list_filter = ["status", OriginFilter, ("invoked_at", DayFilter)]
    search_fields = ["id__exact", "triggered_by", "reason"]
    search_help_text = _("ID, who started it, or why")
    ordering = ["-invoked_at", "-id"]
    fieldsets = [
        (None, {"fields": ["id", "started", "reason", "invoked_at", "finished_at", "error_message", "deleted_at"]}),
    ]
    readonly_fields = ["started"]
    actions_list = ["start", "daily_time"]
    actions_detail = ["stop"]
    change_form_outer_after_template = "admin/scheduler/run_page.html"

    def get_queryset(self, request):
        """Leave deleted records out of the log; a decision may still lead to its run."""
        runs = super().get_queryset(request)
        if not self.is_list(request):
            return runs
        discarded = Clearance.objects.filter(run_id=OuterRef("pk"), status=Clearance.Status.DISCARDED)
        by = discarded.order_by("settled_at").values("settled_by")[:1]
        return runs.filter(deleted_at__isnull=True).annotate(discarded_by=Subquery(by))

    def get_fieldsets(self, request, obj=None):
        gone = [] if obj is None else [n for n in ("reason", "error_message", "deleted_at") if not getattr(obj, n)]
        return [
            (name, {**rest, "fields": [f for f in rest["fields"] if f not in gone]}) for name, rest in self.fieldsets
        ]

    def get_urls(self):
        daily = self.admin_site.admin_view(DailyRunView.as_view(model_admin=self))
        return [path("daily/", daily, name="scheduler_run_daily"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.get_object(request, unquote(object_id))
        page = run_page(run, may_see=request.user.has_perm) if run else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

    def get_actions_detail(self, request, object_id):
        return super().get_actions_detail(request, object_id) if is_running(unquote(object_id)) else []

    @display(description=_("status"), ordering="status")
    def state(self, run):
        return run_badge(run)

    @display(description=_("started"))
    def started(self, run):
        if run.slot_date:
            return _("by the clock")
        return _("by %(who)s") % {"who": run.triggered_by} if run.triggered_by else NOTHING

    @display(description=_("messages"), ordering="notifications_dispatched")
    def messages_decided(self, run):
        if not run.notifications_given_up:
            return run.notifications_dispatched
        said = _("%(count)d (and %(given_up)d not sent, discarded by %(who)s)")
        if not run.discarded_by:
            said = _("%(count)d (and %(given_up)d not sent)")
        return said % {
            "count": run.notifications_dispatched,
            "given_up": run.notifications_given_up,
            "who": run.discarded_by,
        }

    @display(description=_("batches"))
    def batch_count(self, run):
        return _("%(done)d of %(all)d") % {"done": run.batches_done, "all": run.batches_total}

    @display(description=_("took"), ordering=F("duration_ms"))
    def took(self, run):
        return in_seconds(run.duration_ms)

    def has_start_permission(self, request, obj=None):
        return request.user.has_perm("scheduler.add_run")

    def has_stop_permission(self, request, obj=None):
        return request.user.has_perm("scheduler.change_run")

    def has_daily_permission(self, request, obj=None):
        return DailyRunView.allowed(request.user)

    @action(
        description=_("Start a run now"),
        permissions=["start"],
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Start a run now?"),
            "description": _("Every active mentor is weighed as of now. Nobody is told the same thing twice."),
            "form_class": StartForm,
            "form_submit_text": _("Start"),
        },
    )
    def start(self, request, form):
        run = operations.start_run(
            now=timezone.now(), reason=form.cleaned_data["reason"], triggered_by=request.user.get_username()
        )
        # Only a run of a slot can be there already.
        assert run is not None
        messages.success(request, _("The run has started."))
        return go_on(request, address_of("scheduler_run", run.pk))

    @action(description=_("Change the daily time"), permissions=["daily"], icon="schedule")
    def daily_time(self, request):
        return go_on(request, reverse("admin:scheduler_run_daily"))

    @action(
        description=_("Stop this run"),
        permissions=["stop"],
        icon="stop",
        variant=ActionVariant.DANGER,
        dialog={
            "title": _("Stop this run?"),
            "description": _(
                "Mentors not yet weighed are left out, and nothing that this run decided is told. This can't be undone."
            ),
            "form_class": StopForm,
            "form_submit_text": _("Stop the run"),
        },
    )
    def stop(self, request, form, object_id):
        run_id = unquote(object_id)
        # Setting a finished run to “cancelled” would correct its record, which isn't what was asked.
        if not is_running(run_id):
            messages.error(request, _("This run is already finished."))
            return go_on(request, address_of("scheduler_run", run_id))
        try:
            operations.record_status(
                run_id=run_id,
                status=Run.Status.CANCELLED,
                error_message=form.cleaned_data["error_message"],
                now=timezone.now(),
                by=request.user.get_username(),
            )
            messages.success(request, _("The run was stopped."))
        except (operations.Conflict, operations.RunNotFound) as problem:
            messages.error(request, str(problem))
        return go_on(request, address_of("scheduler_run", run_id))


def is_running(run_id: str) -> bool:
    return Run.objects.filter(pk=run_id, status=Run.Status.RUNNING).exists()


def run_badge(run: Run) -> str:
    return badge(run.get_status_display(), TONES.get(run.status, ""))


def in_seconds(milliseconds: int) -> str:
    return _("%(seconds).1f s") % {"seconds": milliseconds / 1000}
