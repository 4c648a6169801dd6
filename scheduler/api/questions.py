"""Why, why not, and what if: beside the contract, for programs that put the admin's questions."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from config.api.access import Access
from config.api.serializers import read
from scenarios import what_if
from scenarios.models import PeerMentor
from scenarios.models.rules import Judged

from .. import days
from ..accounts import account_of
from . import question_shapes as shapes

MOST_SHOWN = 200


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
    permissions_needed = (*Question.permissions_needed, "scenarios.view_rule")

    @extend_schema(request=shapes.PreviewAsked, responses=shapes.Preview)
    def post(self, request):
        """Say whom a rule would touch if it were saved now. Nothing is saved.

        One that is judged on activities is tried on those of the last 30 days, at most the newest 500, one after the
        other; what daily runs told in that time is left out.
        """
        asked = read(request, shapes.PreviewAsked)
        draft, now, activities = asked["rule"], timezone.now(), None
        if draft.judged == Judged.ACTIVITY:
            tried = what_if.try_on_activities(draft, now=now)
            rows, activities = tried.rows, {"weighed": tried.weighed, "logged": tried.total}
        else:
            rows = what_if.preview(draft, now=now)
        answer = _counted(rows) | {"activities": activities, "mentors": rows[:MOST_SHOWN]}
        return Response(shapes.Preview(answer).data)


@extend_schema(tags=["Questions"])
class Backtest(Question):
    serializer_class = shapes.BacktestAsked
    permissions_needed = (*Question.permissions_needed, "scenarios.view_rule")

    @extend_schema(request=shapes.BacktestAsked, responses=shapes.Backtest)
    def post(self, request):
        """Say who would have heard what on each of the last days, with cooldowns and caps carried along.

        Activities that were evaluated are judged when that was; with a rule that is judged on activities all that were
        logged, when they were recorded, at most the newest 2,000.
        """
        asked = read(request, shapes.BacktestAsked)
        now = timezone.now()
        dates = days.last_days(asked["days"], now=now)
        instants = days.instants_of(dates, now=now)
        simulated = what_if.backtest(instants, now=now, draft=asked.get("rule"), hindsight=asked["hindsight"])
        told = Counter(row.user_id for day in simulated for row in day.decisions if not row.reason)
        weighed, logged = what_if.relogged_of(instants, now=now, draft=asked.get("rule"))
        answer = {
            "activities": {"weighed": weighed, "logged": logged},
            "mode": "hindsight" if asked["hindsight"] else "as_known",
            "logged_late": what_if.logged_late(instants[0], instants[-1]),
            "days": [
                _counted(day.decisions) | {"date": on, "instant": day.instant, "mentors": day.decisions[:MOST_SHOWN]}
                for on, day in zip(dates, simulated, strict=True)
            ],
            "most_told": [{"user_id": user_id, "told": count} for user_id, count in told.most_common(20)],
        }
        return Response(shapes.Backtest(answer).data)


def _counted(rows: Sequence[what_if.WouldHear]) -> dict:
    reasons = Counter(row.reason for row in rows)
    told = reasons.pop("", 0)
    return {"fires": len(rows), "told": told, "held_back": dict(reasons.most_common())}


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
