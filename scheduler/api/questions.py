"""Why, why not, and what if: beside the contract, for programs that put the admin's questions."""

from datetime import date

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from psycopg.errors import QueryCanceled
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from config.api.access import Access
from config.api.idempotency import IDEMPOTENCY_KEY, idempotent
from config.api.parsing import body
from config.api.serializers import read
from scenarios.models import PeerMentor

from .. import answers, days, hurry
from ..accounts import account_of
from ..models import Job
from . import question_shapes as shapes
from .jobs import queued


class Question(GenericAPIView):
    permission_classes = [Access]
    permissions_needed: tuple[str, ...] = ("scenarios.view_decision", "scenarios.view_peermentor")
    pagination_class = None
    filter_backends = []
    queryset = PeerMentor.objects.none()


@extend_schema(tags=["Questions"])
class Explanation(Question):
    serializer_class = shapes.Explanation

    @extend_schema(
        parameters=[OpenApiParameter("date", OpenApiTypes.DATE, description="The local date; today by default.")],
        responses=shapes.Explanation,
    )
    def get(self, request, user_id):
        """Say how every rule of a day came to its answer about one mentor, told or not."""
        now = timezone.now()
        day = _date(request.query_params) or days.today(now)
        mentor = PeerMentor.objects.select_related("organization").filter(user_id=user_id).first()
        if mentor is None:
            raise NotFound(_("There is no peer mentor “%(id)s”.") % {"id": user_id})
        account = account_of(mentor, day, days.instant_of(day, now=now), now=now)
        return Response(shapes.Explanation(account, context={"date": day}).data)


@extend_schema(tags=["Questions"])
class Preview(Question):
    serializer_class = shapes.PreviewAsked
    permissions_needed = answers.PERMISSIONS
    action = "preview"

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.PreviewAsked,
        responses={200: shapes.Preview, 202: shapes.JobShown},
    )
    @idempotent
    def post(self, request):
        """Say whom a rule would touch if it were saved now. Nothing is saved.

        One that is judged on activities is tried on those of the last 30 days, at most the newest 500, one after the
        other; what daily runs told in that time is left out. What takes longer than some seconds, or comes while others
        are being answered, becomes a job: 202 with its address.
        """
        asked = read(request, shapes.PreviewAsked)
        now = timezone.now()
        with hurry.at_once() as hurried:
            if hurried is not None:
                try:
                    with transaction.atomic():
                        found = answers.preview(asked["rule"], now=now, progress=hurried)
                    return Response(shapes.Preview(found).data)
                except hurry.TooSlow:
                    pass
                except OperationalError as error:
                    if not isinstance(error.__cause__, QueryCanceled):
                        raise
        return queued(request, Job.Kind.PREVIEW, body(request))


@extend_schema(tags=["Questions"])
class Backtest(Question):
    serializer_class = shapes.BacktestAsked
    permissions_needed = answers.PERMISSIONS
    action = "backtest"

    @extend_schema(parameters=[IDEMPOTENCY_KEY], request=shapes.BacktestAsked, responses={202: shapes.JobShown})
    @idempotent
    def post(self, request):
        """Ask who would have heard what on each of the last days, with cooldowns and caps carried along.

        Always a job: 202 with its address. Activities that were evaluated are judged when that was; with a rule that is
        judged on activities all that were logged, when they were recorded, at most the newest 2,000.
        """
        read(request, shapes.BacktestAsked)
        return queued(request, Job.Kind.BACKTEST, body(request))


def _date(parameters) -> date | None:
    """Return the date asked for. Raise ValidationError by parameter."""
    unknown = {name: [_("Unknown parameter.")] for name in parameters if name != "date"}
    if unknown:
        raise ValidationError(unknown)
    text = parameters.get("date")
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python reads other forms of ISO 8601 too, such as 2026-W13-4.
    if day is None or day.isoformat() != text or not 1970 < day.year < 2100:
        raise ValidationError({"date": [_("Write a date like 2026-03-26.")]})
    return day
