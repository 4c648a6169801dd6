"""The contract's bodies: keys exactly as printed, in the printed order."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.fields import Choice, ExternalId, Instant, Line, Text
from config.api.serializers import StrictSerializer

from ..models import Run

MOST_USER_IDS = 1_000


class RunRow(serializers.Serializer):
    id = serializers.CharField()
    invoked_at = Instant()
    status = serializers.ChoiceField(Run.Status.choices)
    users_evaluated = serializers.IntegerField()
    notifications_dispatched = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    error_message = serializers.CharField(allow_null=True)


class BatchRow(serializers.Serializer):
    batch_index = serializers.IntegerField(source="index")
    user_count = serializers.IntegerField()
    notifications_sent = serializers.IntegerField()
    duration_ms = serializers.IntegerField()


class RunDetail(RunRow):
    batch_results = BatchRow(many=True, source="batches")


class RunStart(StrictSerializer):
    reason = Line(max_length=200, required=False, allow_null=True, help_text=_("Why, in a word or a sentence."))
    triggered_by = Line(
        max_length=200, required=False, allow_null=True, help_text=_("Who asks. Left out: the user whose token it is.")
    )


class RunStarted(serializers.Serializer):
    id = serializers.CharField()
    invoked_at = Instant()
    status = serializers.ChoiceField(Run.Status.choices)
    triggered_by = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)

    def to_representation(self, run: Run) -> dict:
        shown = super().to_representation(run)
        return shown | {name: shown[name] or None for name in ("triggered_by", "reason")}


class RunCorrection(StrictSerializer):
    status = Choice([Run.Status.SUCCESS, Run.Status.FAILED, Run.Status.CANCELLED], required=False)
    error_message = Text(max_length=2_000, required=False, allow_null=True, help_text=_("null takes the message away."))

    def validate(self, correction: dict) -> dict:
        if not correction:
            nothing = _("Give status, error_message, or both.")
            raise serializers.ValidationError({"status": [nothing], "error_message": [nothing]})
        return correction


class RunCorrected(serializers.Serializer):
    id = serializers.CharField()
    status = serializers.ChoiceField(Run.Status.choices)
    error_message = serializers.CharField(allow_null=True)
    invoked_at = Instant()


class RunDeleted(serializers.Serializer):
    success = serializers.BooleanField()
    deleted_id = serializers.CharField()


class ActiveMentor(serializers.Serializer):
    user_id = serializers.CharField()
    org_id = serializers.CharField(source="organization_id")
    last_active_at = Instant(allow_null=True, help_text=_("null: nothing was ever logged."))


class BatchStart(StrictSerializer):
    user_ids = serializers.ListField(
        child=ExternalId(),
        min_length=1,
        max_length=MOST_USER_IDS,
        help_text=_("An ID that is given twice gets one result."),
        error_messages={
            "not_a_list": _("Expected a list of IDs."),
            "min_length": _("Give at least one ID."),
            "max_length": _("Give at most {max_length} IDs."),
        },
    )
    run_id = ExternalId()


class MentorResult(serializers.Serializer):
    """What came of one mentor. `reason` is there only where they aren't told."""

    user_id = serializers.CharField()
    scenario_type = serializers.CharField(source="trigger_type", allow_null=True)
    notified = serializers.BooleanField()
    reason = serializers.CharField(required=False)

    def to_representation(self, result) -> dict:
        shown = super().to_representation(result)
        if shown["notified"]:
            del shown["reason"]
        return shown


class BatchAppended(serializers.Serializer):
    run_id = serializers.CharField(source="batch.run_id")
    batch_index = serializers.IntegerField(source="batch.index")
    users_evaluated = serializers.IntegerField(source="batch.user_count")
    notifications_dispatched = serializers.IntegerField(source="batch.notifications_sent")
    duration_ms = serializers.IntegerField(source="batch.duration_ms")
    results = MentorResult(many=True)
