"""What the lists of mentors and facts can be narrowed down to."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter
from django_filters.rest_framework import FilterSet

from config.api.filtering import InstantFilter

from ...models import Activity, Certification, Pause, PeerMentor
from ..filters import choice


def after(name: str) -> InstantFilter:
    return InstantFilter(field_name=name, lookup_expr="gte")


def before(name: str) -> InstantFilter:
    return InstantFilter(field_name=name, lookup_expr="lt")


class ActivityFilter(FilterSet):
    user_id = CharFilter(field_name="mentor__user_id", max_length=64)
    chapter_id = CharFilter(max_length=64)
    activity_type = CharFilter(max_length=50)
    completed_at_after, completed_at_before = after("completed_at"), before("completed_at")
    recorded_at_after, recorded_at_before = after("recorded_at"), before("recorded_at")

    class Meta:
        model = Activity
        fields: list[str] = []


class CertificationFilter(FilterSet):
    user_id = CharFilter(field_name="mentor__user_id", max_length=64)
    kind = CharFilter(max_length=100)
    expires_at_after, expires_at_before = after("expires_at"), before("expires_at")

    class Meta:
        model = Certification
        fields: list[str] = []


class PauseFilter(FilterSet):
    user_id = CharFilter(field_name="mentor__user_id", max_length=64)
    starts_at_after, starts_at_before = after("starts_at"), before("starts_at")

    class Meta:
        model = Pause
        fields: list[str] = []


class MentorFilter(FilterSet):
    organization_id = CharFilter(max_length=64)
    chapter_id = CharFilter(max_length=64, method="in_chapter", label=_("Belongs to this chapter"))
    left = choice([("yes", _("yes")), ("no", _("no"))], method="by_leaving", label=_("Has a day of leaving"))
    joined_at_after, joined_at_before = after("joined_at"), before("joined_at")

    class Meta:
        model = PeerMentor
        fields: list[str] = []

    def in_chapter(self, mentors, name: str, value: str):
        belonging = Q(memberships__chapter=value, memberships__withdrawn_at=None, memberships__ends_at=None)
        return mentors.filter(pk__in=PeerMentor.objects.filter(belonging).values("pk"))

    def by_leaving(self, mentors, name: str, value: str):
        return mentors.filter(left_at__isnull=value == "no")
