"""How things stand with a mentor today, in a word."""

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from scenarios.admin.base import badge
from scenarios.models import Activity, OptOut, Pause


def with_situation(mentors, now):
    """Add what is said of each mentor in lists, by one index probe each."""
    mine = {"mentor": OuterRef("pk")}
    paused = Pause.objects.standing().filter(**mine, starts_at__lte=now).exclude(ends_at__lte=now)
    latest = Activity.objects.standing().filter(**mine).order_by("-completed_at").values("completed_at")[:1]
    return mentors.annotate(
        is_paused=Exists(paused),
        is_opted_out=Exists(OptOut.objects.standing().filter(**mine, trigger_type="")),
        last_activity_at=Subquery(latest),
    )


def situation_badge(mentor, now) -> str:
    """Return the word for a mentor that came through `with_situation`."""
    if mentor.left_at and mentor.left_at <= now:
        return badge(_("has left"))
    if mentor.is_paused:
        return badge(_("paused"), "warning")
    if mentor.is_opted_out:
        return badge(_("wants no messages"), "warning")
    return badge(_("active"), "success")
