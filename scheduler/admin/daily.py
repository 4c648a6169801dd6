"""The daily time: a small form over the one crontab that staff own. Nothing else of celery-beat can be edited."""

from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminSingleTimeWidget, UnfoldBooleanSwitchWidget

from scenarios.admin.base import time_zone_widget
from scenarios.models.people import validate_time_zone

from ..schedule import DAILY_TASK, daily_schedule, next_slot


class DailyRunForm(forms.Form):
    enabled = forms.BooleanField(
        label=_("The daily run is on"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("Turned on again, it begins with the next time of day to come: days missed are not caught up."),
    )
    at = forms.TimeField(
        label=_("Time of day"), input_formats=["%H:%M"], widget=UnfoldAdminSingleTimeWidget(format="%H:%M")
    )
    time_zone = forms.CharField(label=_("Time zone"), validators=[validate_time_zone])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].widget = time_zone_widget(blank=False)


class DailyRunView(UnfoldModelAdminViewMixin, FormView):
    title = _("The daily run")
    form_class = DailyRunForm
    template_name = "admin/scheduler/daily_run.html"

    @staticmethod
    def allowed(user) -> bool:
        return user.has_perm("django_celery_beat.change_periodictask")

    def has_permission(self):
        return self.allowed(self.request.user)

    def get_initial(self):
        schedule = daily_schedule()
        if schedule is None or schedule.crontab is None:
            return {"at": "06:00", "time_zone": "Europe/Oslo"}
        crontab = schedule.crontab
        at = f"{int(crontab.hour):02}:{int(crontab.minute):02}"
        return {"enabled": schedule.enabled, "at": at, "time_zone": str(crontab.timezone)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, next_run=next_run(timezone.now()))

    def form_valid(self, form):
        save_daily(**form.cleaned_data, now=timezone.now())
        said = next_run(timezone.now())
        messages.success(
            self.request,
            _("Saved. The next run is on %(when)s.") % {"when": said} if said else _("Saved. The daily run is off."),
        )
        return redirect("admin:scheduler_run_daily")


def next_run(now) -> str:
    """Say when the daily run is due next, in its own time zone; empty where it is off."""
    schedule = daily_schedule()
    if schedule is None or not schedule.enabled or schedule.crontab is None:
        return ""
    local = next_slot(schedule, now).astimezone(ZoneInfo(str(schedule.crontab.timezone)))
    when = formats.date_format(local, "DATETIME_FORMAT")
    return f"{when} ({schedule.crontab.timezone})"


@transaction.atomic
def save_daily(*, enabled: bool, at, time_zone: str, now) -> None:
    """Write the daily time to the one schedule and its one crontab."""
    schedule = PeriodicTask.objects.select_for_update().filter(task=DAILY_TASK).order_by("pk").first()
    if schedule is None:
        schedule = PeriodicTask(name="Daily run", task=DAILY_TASK, enabled=False)
    if enabled and not schedule.enabled:
        schedule.start_time = now
    schedule.enabled = enabled
    schedule.crontab = _crontab_of(schedule)
    schedule.crontab.hour, schedule.crontab.minute = str(at.hour), str(at.minute)
    schedule.crontab.timezone = ZoneInfo(time_zone)
    schedule.crontab.save()
    schedule.save()


def _crontab_of(schedule: PeriodicTask) -> CrontabSchedule:
    """Return the schedule's own crontab; a new one where another task goes by the same row."""
    shared = PeriodicTask.objects.filter(crontab=schedule.crontab_id).exclude(pk=schedule.pk)
    return CrontabSchedule() if schedule.crontab is None or shared.exists() else schedule.crontab
