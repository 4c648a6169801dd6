"""What is fed, as it is written and as it is shown."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.fields import ExternalId, Instant, Line, Whole
from config.api.serializers import StrictSerializer

from ..activities import ActivityFields

MOST_CHAPTERS = 50


class Said(StrictSerializer):
    """What is written of something. `order`: two instants of which the second comes later."""

    order: tuple[str, str] | None = None

    def validate(self, said: dict) -> dict:
        if problems := self.disorder(said):
            raise serializers.ValidationError(problems)
        return said

    @classmethod
    def disorder(cls, said: dict) -> dict[str, list[str]]:
        """Return what is wrong where an end comes before its beginning."""
        first, last = (said.get(name) for name in cls.order or ("", ""))
        if cls.order is None or first is None or last is None or last > first:
            return {}
        return {cls.order[1]: [_now("Must be later than %(name)s.") % {"name": cls.order[0]}]}


class Change(Said):
    """A correction: what isn't named stays as it is, and what is `kept` can't be changed."""

    kept: tuple[str, ...] = ("id", "user_id")

    def get_fields(self):
        fields = {name: field for name, field in super().get_fields().items() if name not in self.kept}
        for field in fields.values():
            field.required = False
        return fields

    def validate(self, said: dict) -> dict:
        if not said:
            raise serializers.ValidationError(_now("Give at least one field."))
        return said


class ActivityPosted(ActivityFields, Said):
    chapter_id = ExternalId(required=False, allow_null=True)


class ActivityChange(Change, ActivityPosted):
    pass


class CertificationPosted(Said):
    order = ("issued_at", "expires_at")

    id = ExternalId()
    user_id = ExternalId()
    kind = Line(max_length=100, help_text=_("For example “Peer mentor, basic course”."))
    issued_at = Instant(required=False, allow_null=True)
    expires_at = Instant()


class CertificationChange(Change, CertificationPosted):
    pass


class PausePosted(Said):
    order = ("starts_at", "ends_at")

    user_id = ExternalId()
    starts_at = Instant()
    ends_at = Instant(required=False, allow_null=True, help_text=_("null: until further notice."))


class PauseChange(Change, PausePosted):
    pass


class MentorPosted(Said):
    order = ("joined_at", "left_at")

    user_id = ExternalId()
    organization_id = ExternalId()
    joined_at = Instant()
    left_at = Instant(required=False, allow_null=True)
    weekly_distance_meters = Whole(required=False, allow_null=True, help_text=_("The mentor's own weekly target."))
    weekly_minutes = Whole(required=False, allow_null=True)
    weekly_activities = Whole(required=False, allow_null=True)
    chapter_ids = serializers.ListField(
        child=ExternalId(),
        max_length=MOST_CHAPTERS,
        required=False,
        help_text=_("From joining on; in a change, from now on."),
        error_messages={
            "not_a_list": _("Expected a list of IDs."),
            "max_length": _("Give at most {max_length} IDs."),
        },
    )


class MentorChange(Change, MentorPosted):
    kept = ("user_id", "organization_id", "joined_at")


class ActivityShown(serializers.Serializer):
    id = serializers.CharField(source="activity_id")
    user_id = serializers.CharField(source="mentor.user_id")
    chapter_id = serializers.CharField(allow_null=True)
    activity_type = serializers.CharField()
    distance_meters = serializers.IntegerField(allow_null=True)
    duration_seconds = serializers.IntegerField(allow_null=True)
    completed_at = Instant()
    contact_id = serializers.CharField(allow_null=True)
    contact_type = serializers.CharField(allow_null=True)
    wellbeing_flags = serializers.ListField(child=serializers.CharField())
    is_group = serializers.BooleanField(allow_null=True)
    participants = serializers.IntegerField(allow_null=True)
    recorded_at = Instant()

    def to_representation(self, activity) -> dict:
        shown = super().to_representation(activity)
        return shown | {name: shown[name] or None for name in ("contact_id", "contact_type")}


class CertificationShown(serializers.Serializer):
    id = serializers.CharField(source="certification_id")
    user_id = serializers.CharField(source="mentor.user_id")
    kind = serializers.CharField()
    issued_at = Instant(allow_null=True)
    expires_at = Instant()
    recorded_at = Instant()


class PauseShown(serializers.Serializer):
    id = serializers.CharField(source="pk", help_text=_("Ours; a corrected pause has a new one."))
    user_id = serializers.CharField(source="mentor.user_id")
    starts_at = Instant()
    ends_at = Instant(allow_null=True)
    recorded_at = Instant()


class MentorShown(serializers.Serializer):
    user_id = serializers.CharField()
    organization_id = serializers.CharField()
    joined_at = Instant()
    left_at = Instant(allow_null=True)
    weekly_distance_meters = serializers.IntegerField(allow_null=True)
    weekly_minutes = serializers.IntegerField(allow_null=True)
    weekly_activities = serializers.IntegerField(allow_null=True)
    chapter_ids = serializers.SerializerMethodField()
    recorded_at = Instant()

    def get_chapter_ids(self, mentor) -> list[str]:
        return self.context["chapters"].get(mentor.pk, [])


class Withdrawn(serializers.Serializer):
    deleted = serializers.BooleanField()
    id = serializers.CharField()
