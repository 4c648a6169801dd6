"""What the log of evaluations can be narrowed down to, and the rules of a chapter."""

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter
from django_filters.rest_framework import FilterSet
from rest_framework.exceptions import ValidationError

from config.api.filtering import InstantFilter

from ..engine import rules_for_activities
from ..models import Chapter, Evaluation, RuleVersion


def choice(choices, **kwargs) -> ChoiceFilter:
    """Return a filter whose refusal names what can be chosen."""
    allowed = ", ".join(value for value, _label in choices)
    return ChoiceFilter(choices=choices, error_messages={"invalid_choice": _("Choose one of: %s.") % allowed}, **kwargs)


class EvaluationFilter(FilterSet):
    chapter_id = CharFilter(max_length=64)
    status = choice(Evaluation.Status.choices)
    activity_id = CharFilter(field_name="activity__activity_id", max_length=64)
    user_id = CharFilter(field_name="activity__mentor__user_id", max_length=64)
    # Half open, so that one day's end can be the next one's beginning.
    evaluated_at_after = InstantFilter(field_name="evaluated_at", lookup_expr="gte", label=_("Evaluated at or after"))
    evaluated_at_before = InstantFilter(field_name="evaluated_at", lookup_expr="lt", label=_("Evaluated before"))
    triggered = choice(
        [("any", _("something")), ("none", _("nothing"))], method="by_triggered", label=_("What was triggered")
    )

    class Meta:
        model = Evaluation
        fields: list[str] = []

    def by_triggered(self, evaluations, name: str, value: str):
        return evaluations.filter(triggered_count__gt=0) if value == "any" else evaluations.filter(triggered_count=0)


class ActiveRuleFilter(FilterSet):
    chapter_id = CharFilter(max_length=64, label=_("Rules that apply in this chapter; left out: those of everybody"))

    class Meta:
        model = RuleVersion
        fields: list[str] = []

    def filter_queryset(self, versions):
        """Keep what applies in the chapter, or everywhere. Raise ValidationError where there is no such chapter."""
        chapter_id = self.form.cleaned_data["chapter_id"]
        chapter = Chapter.objects.filter(pk=chapter_id).first() if chapter_id else None
        if chapter_id and chapter is None:
            raise ValidationError({"chapter_id": [unknown_chapter(chapter_id)]})
        holding = rules_for_activities(timezone.now(), chapter)
        return versions.filter(pk__in=[version.pk for version in holding if version.is_on])


def unknown_chapter(chapter_id: str) -> str:
    return _now("There is no chapter “%(id)s”.") % {"id": chapter_id}
