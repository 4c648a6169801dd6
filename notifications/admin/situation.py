"""How things stand with a mentor today, in a word."""

from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scenarios.admin.base import badge
from scenarios.models import Activity, Membership, OptOut, Pause

# From so many days on a coordinator should see it: the mentor is active in the register alone.
SILENT_DAYS = 30
MINE = {"mentor": OuterRef("pk")}


def with_situation(mentors, now):
    """Add what is said of each mentor in lists, by one index probe each."""
    paused = Pause.objects.standing().filter(**MINE, starts_at__lte=now).exclude(ends_at__lte=now)
    latest = Activity.objects.standing().filter(**MINE).order_by("-completed_at").values("completed_at")[:1]
    resumed = Pause.objects.standing().filter(**MINE, ends_at__lte=now).order_by().values("mentor")
    return mentors.annotate(
        is_paused=Exists(paused),
        is_opted_out=Exists(OptOut.objects.standing().filter(**MINE, trigger_type="")),
        last_activity_at=Subquery(latest),
        # Nobody was silent before they joined, before we knew of them, or while they were on a break.
        silent_since=Greatest(
            F("last_activity_at"), F("joined_at"), F("recorded_at"), Subquery(resumed.values(at=Max("ends_at")))
        ),
    )


def with_chapters(mentors, now):
    """Add the names of the chapters that each mentor belongs to now, as `chapter_names`."""
    current = Membership.objects.standing().filter(**MINE, starts_at__lte=now).exclude(ends_at__lte=now)
    return mentors.annotate(chapter_names=ArraySubquery(current.order_by("chapter__name").values("chapter__name")))


def silent_for(days: int, now: datetime) -> Q:
    """Return who has been silent for so many days: without a probe into the activities of each mentor there is."""
    since = now - timedelta(days=days)
    heard = Activity.objects.standing().filter(**MINE, completed_at__gt=since)
    resumed = Pause.objects.standing().filter(**MINE, ends_at__gt=since, ends_at__lte=now)
    return Q(~Exists(heard), ~Exists(resumed), joined_at__lte=since, recorded_at__lte=since)


def days_since(instant: datetime, now: datetime) -> int:
    return (timezone.localtime(now).date() - timezone.localtime(instant).date()).days


def situation_badge(mentor, now) -> str:
    """Return the word for a mentor that came through `with_situation`."""
    if mentor.left_at and mentor.left_at <= now:
        return badge(_("has left"))
    if mentor.is_paused:
        return badge(_("paused"), "warning")
    if mentor.is_opted_out:
        return badge(_("wants no messages"), "warning")
    silent = days_since(mentor.silent_since, now)
    if silent >= SILENT_DAYS:
        return badge(ngettext("silent %(count)d day", "silent %(count)d days", silent) % {"count": silent}, "warning")
    return badge(_("active"), "success")
