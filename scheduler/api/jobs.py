"""Questions that are answered by a worker: how far they are, and the answer, for a day."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from config.api.access import Access
from config.api.refusals import Conflict

from .. import answers, operations
from ..models import Job
from . import question_shapes as shapes

MOST_LISTED = 50


def asker(request):
    return request.user if request.user and request.user.is_authenticated else None


def own_jobs(request):
    """Return those that somebody may see: their own, and all for a superuser."""
    user = asker(request)
    return Job.objects.all() if user and user.is_superuser else Job.objects.filter(asked_by=user)


def queued(request, kind: str, question: dict[str, Any]) -> Response:
    """Put a question into the queue and say where its answer will be."""
    try:
        job = operations.ask(kind=kind, question=question, by=asker(request), now=timezone.now())
    except operations.TooMany as problem:
        raise Conflict(str(problem), "too_many_questions") from problem
    address = reverse("job-detail", args=[job.pk], request=request)
    return Response(shapes.JobShown(job).data, status=202, headers={"Location": address})


def answer(job: Job, progress) -> dict[str, Any]:
    """Work out the answer to a job, in the shape in which the API gives it."""
    now = timezone.now()
    body = {name: value for name, value in job.question.items() if name != "alone"}
    kind: Any = shapes.PreviewAsked if job.kind == Job.Kind.PREVIEW else shapes.BacktestAsked
    reading = kind(data=body)
    reading.is_valid(raise_exception=True)
    asked = reading.validated_data
    progress(0.01)
    if job.kind == Job.Kind.PREVIEW:
        return dict(shapes.Preview(answers.preview(asked["rule"], now=now, progress=progress)).data)
    found = answers.backtest(
        asked["days"],
        now=now,
        draft=asked.get("rule"),
        hindsight=asked["hindsight"],
        alone=bool(job.question.get("alone")),
        progress=progress,
    )
    return dict(shapes.Backtest(found).data)


@extend_schema(tags=["Questions"])
class Jobs(GenericViewSet):
    """Questions that take longer than a request may. An answer is kept for a day; only who asked sees it."""

    permission_classes = [Access]
    permissions_needed = answers.PERMISSIONS
    http_method_names = ["get", "head", "delete"]
    lookup_url_kwarg = "job_id"
    lookup_value_regex = "[A-Za-z0-9_.:-]{1,64}"
    serializer_class = shapes.JobShown
    pagination_class = None
    filter_backends = []
    queryset = Job.objects.none()

    @extend_schema(responses=shapes.JobRow(many=True))
    def list(self, request):
        """List one's own questions, newest first, at most 50."""
        return Response(shapes.JobRow(own_jobs(request)[:MOST_LISTED], many=True).data)

    @extend_schema(responses=shapes.JobShown)
    def retrieve(self, request, job_id):
        """Say how far a question is, with its answer once it is done."""
        return Response(shapes.JobShown(self._found(request, job_id)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request, job_id):
        """Stop a question that isn't answered yet, or forget its answer."""
        operations.cancel(self._found(request, job_id), now=timezone.now())
        return Response(status=204)

    def _found(self, request, job_id) -> Job:
        job = own_jobs(request).filter(pk=job_id).first()
        if job is None:
            raise NotFound(_("There is no such question, or its answer has expired."))
        return job
