"""Write down what operators are owed.

An incident that is over before anybody began to tell of it is not told at all: there is nothing left to do, and its
row stays. Where a try had begun, nobody can know whether it arrived, so that it is over is told.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from ..models import Incident, Notice, Run
from . import ways

Status, What, Channel = Notice.Status, Notice.What, Notice.Channel

# Older than this, a notice that could not be sent would only confuse.
GIVE_UP_AFTER = timedelta(days=1)


def owe(*, now: datetime) -> None:
    """Make the notices that are missing, and drop those that came too late. Any number of callers may do it at once."""
    _give_up(now)
    _drop(now)
    for channel in ways.channels():
        owed = [Notice(what=What.OPENED, channel=channel, incident=incident) for incident in _untold(channel)]
        if channel == Channel.EMAIL or not _open().exists():
            owed += [Notice(what=What.CLOSED, channel=channel, incident=i) for i in _told_and_over(channel, now)]
        if channel == Channel.PING and not _open().exists():
            owed += [Notice(what=What.WELL, channel=channel, run=run) for run in _went_well(now)]
        for notice in owed:
            notice.made_at = notice.due_at = now
        Notice.objects.bulk_create(owed, ignore_conflicts=True)


def _open() -> QuerySet[Incident]:
    return Incident.objects.filter(closed_at__isnull=True)


def _about(channel: str, **what) -> Exists:
    return Exists(Notice.objects.filter(incident=OuterRef("pk"), channel=channel, **what))


def _untold(channel: str) -> QuerySet[Incident]:
    return _open().filter(~_about(channel, what=What.OPENED))


def _told_and_over(channel: str, now: datetime) -> QuerySet[Incident]:
    """A ping knows only well and not well: it says well again when nothing is open any more."""
    told = _about(channel, what=What.OPENED, status=Status.SENT)
    perhaps = _about(channel, what=What.OPENED, status=Status.DROPPED, attempts__gt=0)
    over = Incident.objects.filter(closed_at__gt=now - GIVE_UP_AFTER)
    return over.filter(told | perhaps, ~_about(channel, what=What.CLOSED))


def _went_well(now: datetime) -> list[Run]:
    """Return the newest daily run, if it went well and that isn't owed yet."""
    lately = Run.objects.filter(schedule__isnull=False, invoked_at__gt=now - GIVE_UP_AFTER, invoked_at__lte=now)
    newest = lately.order_by("-invoked_at")[:1]
    return [
        run
        for run in newest
        if run.status == Run.Status.SUCCESS and not run.notices.filter(channel=Channel.PING).exists()
    ]


def _drop(now: datetime) -> None:
    """Let go of openings whose incident is over, but for one that somebody is sending at this moment."""
    free = Q(token__isnull=True) | Q(due_at__lte=now)
    Notice.objects.filter(free, status=Status.PENDING, what=What.OPENED, incident__closed_at__isnull=False).update(
        status=Status.DROPPED, token=None
    )


def _give_up(now: datetime) -> None:
    Notice.objects.filter(status=Status.PENDING, made_at__lte=now - GIVE_UP_AFTER, due_at__lte=now).update(
        status=Status.GIVEN_UP, token=None
    )
