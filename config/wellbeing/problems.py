"""What is wrong just now, in the order of haste, in words for people who are no programmers."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scenarios.admin.base import address_of
from scheduler.models import Incident

from .status import Status

Kind = Incident.Kind


@dataclass(frozen=True)
class Problem:
    """`code` is for programs and stays the same."""

    code: str
    message: str
    url: str = ""
    # What the page behind the address takes.
    needs: str = ""


def problems(status: Status) -> list[Problem]:
    found = [*_of_the_machine(status), *_of_the_switch(status)]
    found += [_of_an_incident(incident) for incident in status.incidents]
    return found


def _of_the_machine(status: Status) -> list[Problem]:
    found = []
    if not status.redis:
        said = _("Redis does not answer, so nothing wakes the workers. Whoever runs the machine should have a look.")
        found.append(Problem("redis_away", said))
    if not status.workers:
        said = _("No worker is running: nobody is weighed and nobody is told. Whoever runs the machine can start one.")
        found.append(Problem("no_worker", said))
    elif status.clock_seen_at is None:
        said = _("The clock (beat) is not running: no daily run starts. Whoever runs the machine can start it.")
        found.append(Problem("no_clock", said))
    for worker in status.stalled:
        said = _(
            "The worker %(worker)s has not answered since %(when)s: it is frozen or cut off. Whoever runs the machine"
            " can restart it."
        ) % {
            "worker": worker.key,
            "when": formats.date_format(timezone.localtime(worker.seen_at), "DATETIME_FORMAT"),
        }
        url = reverse("admin:scheduler_heartbeat_changelist")
        found.append(Problem("worker_stalled", said, url, "scheduler.view_heartbeat"))
    if status.notices_given_up:
        said = _("Operators could not be written to about something that went wrong.")
        found.append(
            Problem("notices_given_up", said, reverse("admin:scheduler_notice_changelist"), "scheduler.view_notice")
        )
    return found


def _of_the_switch(status: Status) -> list[Problem]:
    found = []
    if not status.messages_on:
        said = _("Messages are switched off for everybody: nobody is told anything.")
        url = reverse("admin:scenarios_organization_switch")
        found.append(Problem("switched_off", said, url, "scenarios.view_switch"))
    if status.organizations_off:
        said = ngettext(
            "Messages are switched off in %(count)d organisation.",
            "Messages are switched off in %(count)d organisations.",
            status.organizations_off,
        )
        found.append(
            Problem(
                "organizations_off",
                said % {"count": status.organizations_off},
                reverse("admin:scenarios_organization_changelist"),
                "scenarios.view_organization",
            )
        )
    if status.next_run_at is None:
        said = _("The daily run is off: nobody is weighed, and nobody is told.")
        found.append(
            Problem(
                "daily_run_off", said, reverse("admin:scheduler_run_daily"), "django_celery_beat.change_periodictask"
            )
        )
    return found


def _of_an_incident(incident: Incident) -> Problem:
    if incident.kind == Kind.HELD and incident.run_id:
        url, needs = address_of("scheduler_run", incident.run_id), "scheduler.view_run"
    else:
        url, needs = address_of("scheduler_incident", incident.pk), "scheduler.view_incident"
    kind = str(incident.get_kind_display())
    return Problem(incident.kind, f"{kind[:1].upper()}{kind[1:]}. {incident.message}", url, needs)
