"""The contract's bodies: keys exactly as printed, in the printed order."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.fields import Choice, ExternalId, Instant, write_instant
from config.api.serializers import StrictSerializer

from ..models import Evaluation
from .activities import ActivityFields

STATUSES = Evaluation.Status.choices


class EvaluationRow(serializers.Serializer):
    id = serializers.CharField()
    chapter_id = serializers.CharField()
    evaluated_at = Instant()
    activity_id = serializers.CharField(source="activity.activity_id")
    rules_evaluated = serializers.IntegerField()
    triggered_count = serializers.IntegerField()
    status = serializers.ChoiceField(STATUSES)


class TriggeredScenario(serializers.Serializer):
    """A rule that fired. Whether it is told, too, is for the gates: opted out, heard enough this week, and so on."""

    rule_id = serializers.CharField()
    scenario_id = serializers.CharField(source="rule_version.scenario_id")
    user_id = serializers.CharField(source="mentor.user_id")
    scheduled_for = Instant(help_text=_("When the rule's delay is over; told at once where that is past."))


class TriggeredScenarioWithTemplate(TriggeredScenario):
    prompt_template_id = serializers.CharField(source="rule_version.prompt_template_id")


class EvaluationDetail(serializers.Serializer):
    """What came of one evaluation, as the record is shown later."""

    id = serializers.CharField()
    chapter_id = serializers.CharField()
    evaluated_at = Instant()
    activity_id = serializers.CharField(source="activity.activity_id")
    rules_evaluated = serializers.IntegerField()
    triggered_count = serializers.IntegerField()
    triggered_scenarios = TriggeredScenario(many=True, source="fired")
    status = serializers.ChoiceField(STATUSES)


class EvaluationMade(EvaluationDetail):
    """What comes of an evaluation when it is made."""

    triggered_scenarios = TriggeredScenarioWithTemplate(many=True, source="fired")


class EvaluationStart(StrictSerializer):
    chapter_id = ExternalId()
    activity = ActivityFields()


class EvaluationMark(StrictSerializer):
    status = Choice(STATUSES, help_text=_("`failed` and `completed` are only kept or given back, never claimed."))


class EvaluationMarked(serializers.Serializer):
    id = serializers.CharField()
    chapter_id = serializers.CharField()
    evaluated_at = Instant()
    status = serializers.ChoiceField(STATUSES)
    updated_at = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_updated_at(self, evaluation: Evaluation) -> str:
        """Return when the status was last changed: at the latest when it was given."""
        return write_instant(evaluation.updated_at or evaluation.evaluated_at)


class EvaluationDeleted(serializers.Serializer):
    deleted = serializers.BooleanField()
    id = serializers.CharField()


class ActiveRule(serializers.Serializer):
    id = serializers.CharField(source="rule_id")
    scenario_id = serializers.CharField()
    trigger_type = serializers.CharField()
    trigger_threshold_days = serializers.IntegerField(
        source="threshold_days", allow_null=True, help_text=_("null: this type of trigger has no threshold.")
    )
    delay_hours = serializers.IntegerField()
    enabled = serializers.BooleanField(source="is_on")
    priority = serializers.IntegerField(help_text=_("1 goes first."))


class TriggerQuestion(StrictSerializer):
    rule_id = ExternalId()
    activity = ActivityFields()
    activity_date = Instant(
        required=False,
        allow_null=True,
        help_text=_("When the delay begins; left out, at `completed_at`."),
    )


class TriggerAnswer(serializers.Serializer):
    rule_id = serializers.CharField()
    matches_trigger = serializers.BooleanField(source="check.matches")
    within_delay_window = serializers.BooleanField(source="check.within_window")
    should_trigger = serializers.BooleanField(source="check.should_trigger")
    delay_window_expires_at = Instant(source="check.expires_at")
