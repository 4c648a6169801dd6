"""The bodies of the questions."""

from django.core.exceptions import ValidationError as Complaints
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from config.api.fields import Choice, ExternalId, Flag, Instant, Line, Whole
from config.api.serializers import StrictSerializer
from scenarios import triggers
from scenarios.models import Rule, RuleVersion
from scenarios.models.rules import Judged, RuleState

from .. import operations
from ..models import Job

LONGEST_BACKTEST = 90


class DraftRule(StrictSerializer):
    """A rule that isn't saved. With `rule_id` the fields that are left out are those of that rule."""

    rule_id = ExternalId(required=False)
    organization_id = ExternalId(required=False, allow_null=True)
    chapter_id = ExternalId(required=False, allow_null=True)
    scenario_id = Line(max_length=64, required=False)
    trigger_type = Choice(sorted(triggers.registry), required=False)
    parameters = serializers.DictField(required=False)
    threshold_days = Whole(required=False, allow_null=True, max_value=3650)
    judged = Choice(
        Judged.values, required=False, help_text=gettext_lazy("Left out: as its trigger type allows, daily before.")
    )
    delay_hours = Whole(required=False, max_value=8760)
    cooldown_days = Whole(required=False, max_value=3650)
    priority = Whole(required=False, max_value=1000)

    def validate(self, asked: dict) -> RuleVersion:
        rule_id = asked.pop("rule_id", None)
        rule = Rule.objects.filter(pk=rule_id).first() if rule_id else Rule(name="-", scenario_id="draft")
        if rule is None:
            raise serializers.ValidationError({"rule_id": [_("There is no such rule.")]})
        if not rule_id and "trigger_type" not in asked:
            raise serializers.ValidationError({"trigger_type": [_("Give a trigger type, or the rule_id of a rule.")]})
        for name, value in asked.items():
            setattr(rule, name, value)
        rule.state = RuleState.ON
        if "judged" not in asked and rule.judged not in rule.trigger.judged:
            rule.judged = rule.trigger.judged[0]
        try:
            rule.clean_fields(exclude=["prompt_template"])
            rule.clean()
        except Complaints as complaints:
            raise serializers.ValidationError(complaints.message_dict) from complaints
        terms = rule.terms()
        terms["prompt_template_id"] = terms["prompt_template_id"] or ""
        return RuleVersion(rule_id=rule_id, number=0, **terms)


class PreviewAsked(StrictSerializer):
    rule = DraftRule()


class BacktestAsked(StrictSerializer):
    days = Whole(min_value=1, max_value=LONGEST_BACKTEST)
    rule = DraftRule(required=False, help_text=gettext_lazy("Left out: the rules as they were."))
    hindsight = Flag(default=False, help_text=gettext_lazy("Use what is known now, and not what was known then."))


class Activities(serializers.Serializer):
    weighed = serializers.IntegerField(help_text=gettext_lazy("On how many activities, the newest, this looks."))
    logged = serializers.IntegerField(help_text=gettext_lazy("How many there were."))


class WouldHear(serializers.Serializer):
    user_id = serializers.CharField()
    rule_id = serializers.CharField(source="version.rule_id")
    scenario_id = serializers.CharField(source="version.scenario_id")
    subject = serializers.CharField(help_text=gettext_lazy("A certification, or empty for the mentor."))
    told = serializers.SerializerMethodField()
    reason = serializers.CharField(allow_null=True)
    readings = serializers.DictField()
    sentence = serializers.CharField()
    logged_at = Instant(
        allow_null=True, help_text=gettext_lazy("When the activity became known on which the rule would have fired.")
    )

    def get_told(self, row) -> bool:
        return not row.reason

    def to_representation(self, row) -> dict:
        shown = super().to_representation(row)
        return shown | {"reason": shown["reason"] or None}


class Counted(serializers.Serializer):
    fires = serializers.IntegerField()
    told = serializers.IntegerField()
    held_back = serializers.DictField(child=serializers.IntegerField(), help_text=gettext_lazy("How many by reason."))
    mentors = WouldHear(many=True)


class Preview(Counted):
    activities = Activities(allow_null=True, help_text=gettext_lazy("Null for a rule that is judged every day."))


class BacktestDay(Counted):
    date = serializers.DateField()
    instant = Instant()


class Told(serializers.Serializer):
    user_id = serializers.CharField()
    told = serializers.IntegerField()


class Backtest(serializers.Serializer):
    mode = serializers.ChoiceField(["as_known", "hindsight"])
    logged_late = serializers.IntegerField(
        help_text=gettext_lazy("How many activities were recorded in this time more than a day late: try hindsight.")
    )
    activities = Activities()
    days = BacktestDay(many=True, help_text=gettext_lazy("Of each day all are counted and the first are named."))
    mentors_told = serializers.IntegerField()
    most_told = Told(many=True)


class JobRow(serializers.ModelSerializer):
    id = serializers.CharField()
    place = serializers.SerializerMethodField(help_text=gettext_lazy("How many questions are answered before it."))
    error = serializers.SerializerMethodField()
    created_at = Instant()
    started_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)
    expires_at = Instant(allow_null=True)

    class Meta:
        model = Job
        fields = [
            *("id", "kind", "state", "progress", "place", "error"),
            *("created_at", "started_at", "finished_at", "expires_at"),
        ]

    def get_place(self, job) -> int:
        return operations.place_of(job)

    def get_error(self, job) -> str | None:
        return job.error or None


class JobShown(JobRow):
    """`result` has the shape of the answer to the question: that of a preview, or of a backtest."""

    result = serializers.DictField(allow_null=True)

    class Meta(JobRow.Meta):
        fields = [*JobRow.Meta.fields, "question", "result"]


class RuleAccount(serializers.Serializer):
    rule_id = serializers.CharField(source="version.rule_id")
    scenario_id = serializers.CharField(source="version.scenario_id")
    version = serializers.IntegerField(source="version.number")
    trigger_type = serializers.CharField(source="version.trigger_type")
    subject = serializers.CharField()
    fired = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    recorded = serializers.SerializerMethodField(help_text=gettext_lazy("Whether a decision was written that day."))
    differs = serializers.BooleanField(help_text=gettext_lazy("Whether what is known now gives another reading."))
    readings = serializers.DictField()
    sentence = serializers.CharField()

    def get_recorded(self, account) -> bool:
        return account.recorded is not None

    def to_representation(self, account) -> dict:
        shown = super().to_representation(account)
        return shown | {"reason": shown["reason"] or None}


class Explanation(serializers.Serializer):
    user_id = serializers.CharField(source="mentor.user_id")
    date = serializers.SerializerMethodField()
    instant = Instant()
    not_weighed = serializers.CharField(allow_null=True)
    rules = RuleAccount(many=True)

    def get_date(self, account) -> str:
        return self.context["date"].isoformat()

    def to_representation(self, account) -> dict:
        shown = super().to_representation(account)
        return shown | {"not_weighed": shown["not_weighed"] or None}
