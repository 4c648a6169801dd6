"""The seven endpoints."""

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api.access import actor
from config.api.idempotency import IDEMPOTENCY_KEY, idempotent
from config.api.serializers import read

from .. import operations
from ..models import Decision, Evaluation, RuleVersion
from . import shapes
from .asking import problems_answered, to_check, to_evaluate
from .filters import ActiveRuleFilter, EvaluationFilter


def fired() -> Prefetch:
    """Return what fetches the rules that fired for evaluations, by priority, whether they are told or not."""
    decisions = Decision.objects.select_related("rule_version", "mentor")
    return Prefetch("decisions", decisions.order_by("rule_version__priority", "rule_id"), to_attr="fired")


@extend_schema(tags=["Scenario evaluations"])
class ScenarioEvaluations(GenericViewSet):
    """Evaluations: each judges one activity by the rules of a chapter, and says which of them fired."""

    permissions_needed = {
        "list": ("scenarios.view_evaluation",),
        "retrieve": ("scenarios.view_evaluation",),
        "create": ("scenarios.add_evaluation", "scenarios.add_activity"),
        "update": ("scenarios.change_evaluation",),
        "destroy": ("scenarios.delete_evaluation",),
        "active_rules": ("scenarios.view_rule",),
        "trigger_check": ("scenarios.view_rule", "scenarios.view_peermentor"),
    }
    http_method_names = ["get", "head", "post", "put", "delete"]
    lookup_url_kwarg = "evaluation_id"
    lookup_value_regex = "[A-Za-z0-9_.:-]{1,64}"
    queryset = Evaluation.objects.filter(deleted_at__isnull=True).select_related("activity")
    filterset_class = EvaluationFilter
    ordering = ["-evaluated_at", "-id"]
    ordering_fields = ["evaluated_at", "rules_evaluated", "triggered_count"]
    bodies = {
        "list": shapes.EvaluationRow,
        "retrieve": shapes.EvaluationDetail,
        "create": shapes.EvaluationStart,
        "update": shapes.EvaluationMark,
        "active_rules": shapes.ActiveRule,
        "trigger_check": shapes.TriggerQuestion,
    }

    def get_serializer_class(self):
        return self.bodies.get(self.action, shapes.EvaluationRow)

    @extend_schema(responses=shapes.EvaluationRow(many=True))
    def list(self, request):
        """List the evaluations, newest first. A deleted one is neither shown nor counted."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shapes.EvaluationRow(page, many=True).data)

    @extend_schema(responses=shapes.EvaluationDetail)
    def retrieve(self, request, evaluation_id):
        """Show one evaluation, with every rule that fired."""
        evaluation = self.get_queryset().prefetch_related(fired()).filter(pk=evaluation_id).first()
        if evaluation is None:
            raise NotFound(str(operations.EvaluationNotFound(evaluation_id)))
        return Response(shapes.EvaluationDetail(evaluation).data)

    @extend_schema(parameters=[IDEMPOTENCY_KEY], request=shapes.EvaluationStart, responses={201: shapes.EvaluationMade})
    @idempotent
    def create(self, request):
        """Store an activity and judge it by the rules of a chapter.

        The same activity may be sent again: it is stored once, evaluated anew, and nobody is told twice. Where
        something goes wrong inside, the activity is kept and the status is `failed`.
        """
        activity, chapter = to_evaluate(read(request, shapes.EvaluationStart))
        with problems_answered():
            evaluation = operations.evaluate_activity(activity, chapter, now=timezone.now())
        prefetch_related_objects([evaluation], fired())
        return Response(shapes.EvaluationMade(evaluation).data, status=201)

    @extend_schema(request=shapes.EvaluationMark, responses=shapes.EvaluationMarked)
    def update(self, request, evaluation_id):
        """Mark an evaluation as reviewed or archived, or give it back the status it had."""
        mark = read(request, shapes.EvaluationMark)
        with problems_answered():
            evaluation = operations.mark_evaluation(
                evaluation_id=evaluation_id, now=timezone.now(), by=actor(request), **mark
            )
        return Response(shapes.EvaluationMarked(evaluation).data)

    @extend_schema(responses={200: shapes.EvaluationDeleted})
    def destroy(self, request, evaluation_id):
        """Delete an evaluation's record from the log. The activity and what was decided stay."""
        with problems_answered():
            operations.hide_evaluation(evaluation_id=evaluation_id, now=timezone.now(), by=actor(request))
        return Response({"deleted": True, "id": evaluation_id})

    @extend_schema(responses=shapes.ActiveRule(many=True))
    @action(
        detail=False,
        url_path="active-rules",
        queryset=RuleVersion.objects.all(),
        filterset_class=ActiveRuleFilter,
        ordering_fields=(),
        ordering=("priority", "rule_id"),
    )
    def active_rules(self, request):
        """List the enabled rules that are judged on activities: those of a chapter, or those that all share."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shapes.ActiveRule(page, many=True).data)

    @extend_schema(request=shapes.TriggerQuestion, responses={200: shapes.TriggerAnswer})
    @action(detail=False, methods=["post"], url_path="trigger-check", pagination_class=None, filter_backends=[])
    def trigger_check(self, request):
        """Ask whether one rule, also one that is turned off, matches an activity. Nothing is stored, nobody told."""
        asked = read(request, shapes.TriggerQuestion)
        rule, activity = to_check(asked)
        check = operations.check_trigger(rule, activity, anchor=asked.get("activity_date"), now=timezone.now())
        return Response(shapes.TriggerAnswer({"rule_id": rule.pk, "check": check}).data)
