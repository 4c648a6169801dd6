"""How the whole house is doing, read in few questions that go by an index: for programs, and for the first page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from notifications.models import Notification
from scenarios.models import Clearance, Decision, Organization, Switch
from scheduler import notices, schedule
from scheduler.models import Batch, Heartbeat, Incident, Notice, Run
from scheduler.operations.heartbeats import GONE_AFTER, stalled_workers

from . import broker

# Nobody reads the difference, and counting on takes time.
MOST_COUNTED = 1000
# Among so many of the oldest due decisions we look for those that no message was written for.
MOST_LOOKED_AT = 10_000
MOST_INCIDENTS = 20
OURS = ["scenarios", "scheduler", "notifications", "config"]


@dataclass(frozen=True)
class Waiting:
    """What waits in one of the queues, counted up to a thousand."""

    count: int
    oldest_at: datetime | None

    def age(self, now: datetime) -> timedelta:
        return max(now - self.oldest_at, timedelta(0)) if self.oldest_at else timedelta(0)


@dataclass(frozen=True)
class Status:
    now: datetime
    last_run: Run | None
    last_daily_run: Run | None
    next_run_at: datetime | None
    workers: Sequence[Heartbeat]
    stalled: Sequence[Heartbeat]
    clock_seen_at: datetime | None
    redis: bool
    messages_on: bool
    organizations_off: int
    incidents: Sequence[Incident]
    batches: Waiting
    decisions: Waiting
    notifications: Waiting
    channels: Sequence[str]
    notices_waiting: int
    notices_given_up: int


def read_status(now: datetime) -> Status:
    beats = list(Heartbeat.objects.filter(seen_at__gt=now - GONE_AFTER).order_by("key"))
    daily = schedule.daily_schedules().order_by("pk").first()
    undone = Notice.objects.filter(made_at__gt=now - timedelta(days=2)).aggregate(
        waiting=Count("pk", filter=Q(status=Notice.Status.PENDING)),
        given_up=Count("pk", filter=Q(status=Notice.Status.GIVEN_UP)),
    )
    return Status(
        now=now,
        last_run=_runs().first(),
        last_daily_run=_runs().filter(schedule__isnull=False).first(),
        next_run_at=schedule.next_slot(daily, now) if daily else None,
        workers=[beat for beat in beats if beat.kind == Heartbeat.Kind.WORKER],
        stalled=stalled_workers(now=now),
        clock_seen_at=next((beat.seen_at for beat in beats if beat.kind == Heartbeat.Kind.TICK), None),
        redis=broker.answers(),
        messages_on=Switch.is_on(),
        organizations_off=Organization.objects.filter(telling_enabled=False).count(),
        incidents=list(Incident.objects.filter(closed_at__isnull=True).order_by("opened_at", "id")[:MOST_INCIDENTS]),
        batches=batches_waiting(),
        decisions=decisions_waiting(now),
        notifications=notifications_waiting(now),
        channels=notices.channels(),
        notices_waiting=undone["waiting"],
        notices_given_up=undone["given_up"],
    )


def _runs():
    """A run that was skipped is none that anybody would call the last."""
    log = Run.objects.filter(deleted_at__isnull=True).exclude(status=Run.Status.SKIPPED)
    return log.order_by("-invoked_at", "-id")


def batches_waiting() -> Waiting:
    pending = Batch.objects.filter(status=Batch.Status.PENDING).aggregate(count=Count("pk"), oldest=Min("as_of"))
    return Waiting(pending["count"], pending["oldest"])


def decisions_waiting(now: datetime) -> Waiting:
    """Return what is cleared, due, and has no message yet; among the oldest only, for there may be a million."""
    due = Decision.objects.filter(outcome=Decision.Outcome.PENDING, scheduled_for__lte=now)
    cleared = Clearance.objects.filter(
        run_id=OuterRef("run_id"), organization=OuterRef("organization"), status__in=Clearance.TELLING
    )
    oldest = due.order_by("scheduled_for", "id").values("pk")[:MOST_LOOKED_AT]
    unwritten = Decision.objects.filter(
        Q(run_id__isnull=True) | Exists(cleared), pk__in=oldest, notification__isnull=True
    )
    return _counted(unwritten.order_by("scheduled_for").values_list("scheduled_for", flat=True))


def notifications_waiting(now: datetime) -> Waiting:
    return _counted(notifications_due(now).values_list("due_at", flat=True))


def notifications_due(now: datetime) -> QuerySet[Notification]:
    """Return what is due to be sent, in the order of sending.

    What a switch or the brake holds back doesn't wait for a sender.
    """
    held = Clearance.objects.filter(
        run_id=OuterRef("decision__run_id"),
        organization=OuterRef("decision__organization"),
        status=Clearance.Status.HELD,
    )
    return Notification.objects.filter(
        ~Switch.off(),
        ~Exists(held),
        status__in=Notification.CLAIMABLE,
        due_at__lte=now,
        mentor__organization__telling_enabled=True,
    ).order_by("due_at", "id")


def _counted(instants) -> Waiting:
    found = list(instants[:MOST_COUNTED])
    return Waiting(len(found), found[0] if found else None)


def last_migration() -> str:
    """Return the last one of ours, as `app.name`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app || '.' || name FROM django_migrations WHERE app = ANY(%s) ORDER BY id DESC LIMIT 1", [OURS]
        )
        row = cursor.fetchone()
    return row[0] if row else ""
