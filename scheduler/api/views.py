"""The seven endpoints."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api.access import actor, speaks_for
from config.api.idempotency import IDEMPOTENCY_KEY, idempotent
from config.api.refusals import Conflict
from config.api.serializers import read

from .. import operations
from ..models import Batch, Run
from . import shapes
from .filters import RunFilter
from .mentors import MentorPages, active_mentors


@contextmanager
def problems_answered(*, run_named_in: str | None = None) -> Iterator[None]:
    """Say in HTTP what a verb says in exceptions; a field of the body that named the run is blamed."""
    try:
        yield
    except operations.RunNotFound as problem:
        raise NotFound({run_named_in: [str(problem)]} if run_named_in else str(problem)) from problem
    except operations.Conflict as problem:
        raise Conflict(str(problem)) from problem


@extend_schema(tags=["Scheduler invocations"])
class SchedulerInvocations(GenericViewSet):
    """Runs: each weighs all active peer mentors, and says how many were told something."""

    permissions_needed = {
        "list": ("scheduler.view_run",),
        "retrieve": ("scheduler.view_run",),
        "create": ("scheduler.add_run",),
        "update": ("scheduler.change_run",),
        "destroy": ("scheduler.delete_run",),
        "active_peer_mentors": ("scenarios.view_peermentor",),
        "evaluation_batch": ("scheduler.add_batch", "scenarios.view_peermentor"),
    }
    http_method_names = ["get", "head", "post", "put", "delete"]
    lookup_url_kwarg = "run_id"
    lookup_value_regex = "[A-Za-z0-9_.:-]{1,64}"
    queryset = Run.objects.filter(deleted_at__isnull=True)
    filterset_class = RunFilter
    ordering = ["-invoked_at", "-id"]
    ordering_fields = ["invoked_at", "duration_ms", "users_evaluated", "notifications_dispatched"]
    bodies = {
        "list": shapes.RunRow,
        "retrieve": shapes.RunDetail,
        "create": shapes.RunStart,
        "update": shapes.RunCorrection,
        "active_peer_mentors": shapes.ActiveMentor,
        "evaluation_batch": shapes.BatchStart,
    }

    def get_serializer_class(self):
        return self.bodies.get(self.action, shapes.RunRow)

    @extend_schema(responses=shapes.RunRow(many=True))
    def list(self, request):
        """List the runs, newest first. A deleted one is neither shown nor counted."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shapes.RunRow(page, many=True).data)

    @extend_schema(responses=shapes.RunDetail)
    def retrieve(self, request, run_id):
        """Show one run, with the batches that are done."""
        done = Batch.objects.filter(status=Batch.Status.DONE).order_by("index")
        run = self.get_queryset().prefetch_related(Prefetch("batches", queryset=done)).filter(pk=run_id).first()
        if run is None:
            raise NotFound(str(operations.RunNotFound(run_id)))
        return Response(shapes.RunDetail(run).data)

    @extend_schema(parameters=[IDEMPOTENCY_KEY], request=shapes.RunStart, responses={201: shapes.RunStarted})
    @idempotent
    def create(self, request):
        """Start a run now. Workers do the work; ask for the run to see how far they are."""
        asked = read(request, shapes.RunStart)
        by = asked.get("triggered_by") or (actor(request) if request.user.is_authenticated else "")
        if by and not speaks_for(request, by):
            raise ValidationError({"triggered_by": [_("You can only start a run in your own name: leave this out.")]})
        run = operations.start_run(now=timezone.now(), reason=asked.get("reason") or "", triggered_by=by)
        return Response(shapes.RunStarted(run).data, status=201)

    @extend_schema(request=shapes.RunCorrection, responses=shapes.RunCorrected)
    def update(self, request, run_id):
        """Correct a run's record. `failed` or `cancelled` stops a running run; nothing goes back to running."""
        correction = read(request, shapes.RunCorrection)
        with problems_answered():
            run = operations.record_status(run_id=run_id, now=timezone.now(), by=actor(request), **correction)
        return Response(shapes.RunCorrected(run).data)

    @extend_schema(responses={200: shapes.RunDeleted})
    def destroy(self, request, run_id):
        """Delete a run's record from the log. What it decided stays; a running run can't be deleted."""
        with problems_answered():
            operations.hide_run(run_id=run_id, now=timezone.now(), by=actor(request))
        return Response({"success": True, "deleted_id": run_id})

    @extend_schema(responses=shapes.ActiveMentor(many=True))
    @action(
        detail=False,
        url_path="active-peer-mentors",
        pagination_class=MentorPages,
        filterset_class=None,
        ordering_fields=(),
        ordering=None,
    )
    def active_peer_mentors(self, request):
        """List the peer mentors that a run would weigh now."""
        page = self.paginate_queryset(self.filter_queryset(active_mentors(timezone.now())))
        return self.get_paginated_response(shapes.ActiveMentor(page, many=True).data)

    @extend_schema(parameters=[IDEMPOTENCY_KEY], request=shapes.BatchStart, responses={201: shapes.BatchAppended})
    @action(detail=False, methods=["post"], url_path="evaluation-batch", pagination_class=None, filter_backends=[])
    @idempotent
    def evaluation_batch(self, request):
        """Weigh the named mentors at once, as one more batch of a run that isn't failed, cancelled or held."""
        asked = read(request, shapes.BatchStart)
        with problems_answered(run_named_in="run_id"):
            appended = operations.append_batch(now=timezone.now(), **asked)
        return Response(shapes.BatchAppended(appended).data, status=201)
