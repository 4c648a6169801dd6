"""What a notice says: what happened, what to do, where to look. Ids and counts, nobody's name."""

from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import schedule
from ..models import Batch, Incident, Notice

Kind = Incident.Kind

WHAT_TO_DO = {
    Kind.LATE: gettext_lazy(
        "Look whether a worker and the clock (beat) are running. The run goes on by itself as soon as they are; "
        "nothing is lost and nobody is told twice."
    ),
    Kind.FAILED: gettext_lazy(
        "Look at the run's page. Whom it has not weighed the next daily run weighs, and nobody is told twice. If it "
        "needn't be looked into, close the incident with “This is dealt with”."
    ),
    Kind.PARTIAL: gettext_lazy(
        "Some mentors were not weighed. Look at the errors of the failed batches on the run's page; the next daily run "
        "weighs everybody again. If it needn't be looked into, close the incident with “This is dealt with”."
    ),
    Kind.HELD: gettext_lazy(
        "Nothing of the held part is told until a coordinator has looked. Release it if it is right, or discard it."
    ),
    Kind.DEAF: gettext_lazy(
        "Restart the workers. The work that waits goes on by itself; nothing is lost and nobody is told twice."
    ),
}


def subject(notice: Notice) -> str:
    if notice.incident is None:
        return _("Peerwell: the daily run went well")
    kind = notice.incident.get_kind_display()
    said = _("Peerwell: %(kind)s") if notice.what == Notice.What.OPENED else _("Peerwell: over: %(kind)s")
    return said % {"kind": kind}


def body(notice: Notice) -> str:
    """Write the text of a notice about an incident."""
    incident = notice.incident
    assert incident is not None, "that all went well is not sent as a letter"
    if notice.what == Notice.What.OPENED:
        paragraphs = [
            _what_happened(incident),
            str(WHAT_TO_DO[Kind(incident.kind)]),
            _where(incident),
            _("You are written to once about this, and once more when it is over."),
        ]
    else:
        span = {"from": _local(incident.opened_at), "until": _local(incident.closed_at)}
        paragraphs = [
            _("This is over. It was open from %(from)s until %(until)s.") % span,
            _("It was about this: %(message)s") % {"message": _what_happened(incident)},
            _where(incident),
        ]
    return "\n\n".join(paragraphs) + "\n"


def _what_happened(incident: Incident) -> str:
    """Return the incident's message; of a run that went wrong only numbers, since its own message may name mentors."""
    if incident.kind not in Incident.FOR_PEOPLE or incident.run is None:
        return incident.message
    failed = incident.run.batches.filter(status=Batch.Status.FAILED).count()
    if not failed:
        return _("The run was marked as failed.")
    said = _("%(failed)d of %(all)d batches of the run could not be evaluated.")
    return said % {"failed": failed, "all": incident.run.batches_total}


def _where(incident: Incident) -> str:
    lines = [_("Since: %(when)s") % {"when": _local(incident.opened_at)}]
    if incident.run_id:
        lines.append(_("Run: %(id)s") % {"id": incident.run_id})
    page = settings.PUBLIC_URL.rstrip("/") + reverse("admin:scheduler_incident_change", args=[incident.pk])
    return "\n".join([*lines, _("Look here: %(page)s") % {"page": page}])


def _local(instant) -> str:
    """Return an instant in the zone of the daily run."""
    daily = schedule.daily_schedule()
    zone = str(daily.crontab.timezone) if daily and daily.crontab else "UTC"
    return f"{formats.date_format(instant.astimezone(ZoneInfo(zone)), 'DATETIME_FORMAT')} ({zone})"


def message_id(notice: Notice, *, what: str = "") -> str:
    """Return the same ID whenever asked. The instant is in it because numbers start anew in a restored database."""
    incident = notice.incident
    assert incident is not None, "that all went well is not sent as a letter"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    opened = int(incident.opened_at.timestamp())
    return f"<incident-{incident.pk}.{what or notice.what}.{opened:x}@{domain}>"
