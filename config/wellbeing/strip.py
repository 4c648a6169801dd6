"""The strip on top of the first page: one look says whether all is well, in words for people who are no programmers."""

from dataclasses import replace
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.given_up import given_up_sentences
from scheduler.models import Run

from .problems import problems
from .status import Status


def strip(status: Status, *, user) -> dict:
    wrong = [problem if user.has_perm(problem.needs) else replace(problem, url="") for problem in problems(status)]
    lines = [last_run(status), next_run(status), workers(status), queue(status)]
    return {
        "well": not wrong,
        "problems": wrong,
        "lines": [line for line in lines if line],
        # Only who runs the machine can do something about it.
        "nobody_told": user.is_superuser and not status.channels,
    }


def last_run(status: Status) -> str:
    run = status.last_daily_run or status.last_run
    if run is None:
        return _("There has been no run yet.")
    when = moment(run.invoked_at, status.now)
    if run.finished_at is None:
        said = _("A run is going on: it began %(when)s, and %(done)d of %(all)d batches are done.")
        return said % {"when": when, "done": run.batches_done, "all": run.batches_total}
    if run.status == Run.Status.HELD:
        return _("Last run %(when)s: it is held, and what is held is told to nobody yet.") % {"when": when}
    weighed = ngettext("%(count)d mentor was weighed", "%(count)d mentors were weighed", run.users_evaluated)
    told = ngettext(
        "%(count)d was to be told something", "%(count)d were to be told something", run.notifications_dispatched
    )
    daily = _("Last daily run %(when)s: %(weighed)s, %(told)s.")
    by_hand = _("Last run %(when)s: %(weighed)s, %(told)s.")
    said = (daily if run.schedule_id else by_hand) % {
        "when": when,
        "weighed": weighed % {"count": run.users_evaluated},
        "told": told % {"count": run.notifications_dispatched},
    }
    return " ".join([said, *given_up_sentences(run)])


def next_run(status: Status) -> str:
    if status.next_run_at is None:
        return ""
    return _("Next run %(when)s.") % {"when": moment(status.next_run_at, status.now)}


def workers(status: Status) -> str:
    count = len(status.workers)
    said = ngettext("%(count)d worker is running.", "%(count)d workers are running.", count)
    return said % {"count": count} if count else ""


def queue(status: Status) -> str:
    parts = [
        (
            status.batches.count,
            ngettext("%(count)d batch of a run", "%(count)d batches of a run", status.batches.count),
        ),
        (
            status.decisions.count + status.notifications.count,
            ngettext("%(count)d message", "%(count)d messages", status.decisions.count + status.notifications.count),
        ),
    ]
    waits = [words % {"count": count} for count, words in parts if count]
    if not waits:
        return _("Nothing waits.")
    return _("On its way: %(what)s.") % {"what": ", ".join(waits)}


def moment(instant: datetime, now: datetime) -> str:
    """Return an instant as people say it: today at 06:00, and further away with its date."""
    local, today = timezone.localtime(instant), timezone.localtime(now).date()
    at = formats.date_format(local, "TIME_FORMAT")
    words = {-1: _("yesterday at %(at)s"), 0: _("today at %(at)s"), 1: _("tomorrow at %(at)s")}
    if said := words.get((local.date() - today).days):
        return said % {"at": at}
    return _("on %(date)s at %(at)s") % {"date": formats.date_format(local, "DATE_FORMAT"), "at": at}
