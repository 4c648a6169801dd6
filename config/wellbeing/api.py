"""/api/v1/status: how the house is doing, for whoever watches it by a program."""

from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from config.api.access import Access
from config.api.fields import Instant
from config.api.filtering import refuse_parameters
from scheduler.models import Incident, Run

from .problems import Problem, problems
from .status import MOST_COUNTED, Status, Waiting, last_migration, read_status


class RunShape(serializers.Serializer):
    id = serializers.CharField()
    status = serializers.ChoiceField(Run.Status.choices)
    invoked_at = Instant()
    finished_at = Instant(allow_null=True)


class WorkerShape(serializers.Serializer):
    key = serializers.CharField()
    started_at = Instant()
    seen_at = Instant()


class WaitingShape(serializers.Serializer):
    count = serializers.IntegerField(help_text=gettext_lazy("Counted up to %(most)d.") % {"most": MOST_COUNTED})
    oldest_at = Instant(allow_null=True)
    age_seconds = serializers.IntegerField()


class QueueShape(serializers.Serializer):
    batches = WaitingShape()
    decisions = WaitingShape(help_text=gettext_lazy("Cleared and due, among the 10,000 that are due longest."))
    notifications = WaitingShape()


class IncidentShape(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Incident.Kind.choices)
    run_id = serializers.CharField(allow_null=True)
    opened_at = Instant()


class MessagesShape(serializers.Serializer):
    on = serializers.BooleanField()
    organizations_off = serializers.IntegerField()


class NoticesShape(serializers.Serializer):
    channels = serializers.ListField(
        child=serializers.CharField(), help_text=gettext_lazy("Empty: nobody is told when something goes wrong.")
    )
    waiting = serializers.IntegerField()
    given_up = serializers.IntegerField()


class ProblemShape(serializers.Serializer):
    code = serializers.CharField(help_text=gettext_lazy("For programs; stays the same."))
    message = serializers.CharField(help_text=gettext_lazy("For people; may change."))


class StatusShape(serializers.Serializer):
    now = Instant()
    well = serializers.BooleanField()
    problems = ProblemShape(many=True)
    last_run = RunShape(allow_null=True)
    last_daily_run = RunShape(allow_null=True)
    next_run_at = Instant(allow_null=True)
    workers = WorkerShape(many=True, help_text=gettext_lazy("Those seen in the last minute."))
    stalled_workers = WorkerShape(
        many=True, help_text=gettext_lazy("Silent for more than a minute without having ended: frozen or cut off.")
    )
    clock_seen_at = Instant(allow_null=True)
    redis_answers = serializers.BooleanField()
    queue = QueueShape()
    incidents = IncidentShape(many=True)
    messages = MessagesShape()
    notices = NoticesShape()
    last_migration = serializers.CharField()


@extend_schema(tags=["Status"])
class StatusView(GenericAPIView):
    permission_classes = [Access]
    permissions_needed = ("scheduler.view_run", "scheduler.view_incident")
    pagination_class = None
    filter_backends = []
    queryset = Run.objects.none()
    serializer_class = StatusShape

    @extend_schema(responses=StatusShape)
    def get(self, request):
        """Say how the house is doing: runs, workers, what waits and for how long, what is wrong."""
        refuse_parameters(request, known=set())
        status = read_status(timezone.now())
        return Response(StatusShape(shown(status, problems(status))).data)


def shown(status: Status, wrong: list[Problem]) -> dict:
    return {
        "now": status.now,
        "well": not wrong,
        "problems": wrong,
        "last_run": status.last_run,
        "last_daily_run": status.last_daily_run,
        "next_run_at": status.next_run_at,
        "workers": status.workers,
        "stalled_workers": status.stalled,
        "clock_seen_at": status.clock_seen_at,
        "redis_answers": status.redis,
        "queue": {
            "batches": waiting(status.batches, status),
            "decisions": waiting(status.decisions, status),
            "notifications": waiting(status.notifications, status),
        },
        "incidents": status.incidents,
        "messages": {"on": status.messages_on, "organizations_off": status.organizations_off},
        "notices": {
            "channels": status.channels,
            "waiting": status.notices_waiting,
            "given_up": status.notices_given_up,
        },
        "last_migration": last_migration(),
    }


def waiting(queue: Waiting, status: Status) -> dict:
    age = round(queue.age(status.now).total_seconds())
    return {"count": queue.count, "oldest_at": queue.oldest_at, "age_seconds": age}
