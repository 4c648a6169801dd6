"""The first page: what happened today, what comes next, and what waits for a person. Few queries, each by an index."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Notification, Variant
from scenarios.admin.base import address_of
from scenarios.models import Clearance
from scheduler.admin.daily import next_run
from scheduler.admin.runs import run_badge
from scheduler.given_up import given_up_sentences
from scheduler.models import Incident, Run

from .wellbeing.status import read_status
from .wellbeing.strip import strip

# Nobody reads the difference, and counting on takes time.
MOST_COUNTED = 1000


def today(request, context: dict) -> dict:
    """Add the day at a glance to the index page, as far as the user may see it."""
    may = request.user.has_perm
    if may("scheduler.view_run"):
        context["strip"] = strip(read_status(timezone.now()), user=request.user)
        context["last_run"] = last_run()
        context["next_run"] = next_run(timezone.now())
        context["may_set_time"] = may("django_celery_beat.change_periodictask")
    context["waiting"] = waiting(may)
    context["sees_something"] = bool(request.user.get_all_permissions())
    return context


def last_run() -> dict | None:
    run = Run.objects.filter(deleted_at__isnull=True).order_by("-invoked_at", "-id").first()
    if run is None:
        return None
    return {
        "run": run,
        "badge": run_badge(run),
        "given_up": given_up_sentences(run),
        "url": address_of("scheduler_run", run.pk),
        "decisions_url": f"{reverse('admin:scenarios_decision_changelist')}?run_id={run.pk}",
    }


def waiting(may) -> list[dict]:
    """Return what waits for a person or the mail, in the order of haste; nothing is left out because it is zero."""
    rows = [
        (
            "scheduler.view_incident",
            Incident.objects.filter(closed_at__isnull=True),
            lambda n: ngettext("thing went wrong and is still open", "things went wrong and are still open", n),
            f"{reverse('admin:scheduler_incident_changelist')}?closed_at__isnull=1",
        ),
        (
            "scenarios.view_clearance",
            Clearance.objects.filter(status=Clearance.Status.HELD),
            lambda n: ngettext("part of a run is held", "parts of a run are held", n),
            f"{reverse('admin:scenarios_clearance_changelist')}?status__exact=held",
        ),
        (
            "notifications.view_variant",
            Variant.objects.filter(state=Variant.State.DRAFT),
            lambda n: ngettext("wording waits for approval", "wordings wait for approval", n),
            f"{reverse('admin:notifications_variant_changelist')}?state__exact=draft",
        ),
        (
            "notifications.view_notification",
            Notification.objects.filter(status__in=Notification.CLAIMABLE),
            lambda n: ngettext("message waits to be sent", "messages wait to be sent", n),
            f"{reverse('admin:notifications_notification_changelist')}?status__in=pending,failed",
        ),
    ]
    return [count_of(waits, words, url) for permission, waits, words, url in rows if may(permission)]


def count_of(waits, words, url: str) -> dict:
    number = waits.order_by()[:MOST_COUNTED].count()
    shown = _("over %(number)d") % {"number": number} if number == MOST_COUNTED else str(number)
    return {"number": shown, "words": words(number), "url": url, "some": number > 0}
