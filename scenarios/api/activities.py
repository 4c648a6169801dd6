"""An activity as callers write it."""

from django.utils.translation import gettext_lazy as _

from config.api.fields import ExternalId, Flag, Instant, Line, Whole, Words
from config.api.serializers import StrictSerializer

from ..models import Activity, PeerMentor

MOST_FLAGS = 20
# Left out and null are one thing, and these columns have another word for it.
EMPTY = {"contact_id": "", "contact_type": "", "wellbeing_flags": []}


class ActivityFields(StrictSerializer):
    """What may be said of an activity; anything else is refused by name, lest something sensitive is stored."""

    id = ExternalId()
    user_id = ExternalId()
    activity_type = Line(max_length=50, help_text=_("For example run, visit, phone."))
    distance_meters = Whole(required=False, allow_null=True)
    duration_seconds = Whole(required=False, allow_null=True)
    completed_at = Instant()
    contact_id = ExternalId(
        required=False, allow_null=True, help_text=_("A pseudonym of whom the mentor met; never a name.")
    )
    contact_type = Line(max_length=50, required=False, allow_null=True, help_text=_("For example phone, home_visit."))
    wellbeing_flags = Words(longest=50, max_length=MOST_FLAGS, required=False, allow_null=True)
    is_group = Flag(required=False, allow_null=True)
    participants = Whole(required=False, allow_null=True)


def proposed(said: dict, mentor: PeerMentor, chapter_id: str | None = None) -> Activity:
    """Return the activity that these checked fields describe; it is in no table yet."""
    fields = {name: value for name, value in said.items() if name not in ("id", "user_id", "chapter_id")}
    fields |= {name: empty for name, empty in EMPTY.items() if fields.get(name) is None}
    return Activity(activity_id=said["id"], mentor=mentor, chapter_id=chapter_id, **fields)
