"""What the log of runs can be narrowed down to."""

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter
from django_filters.rest_framework import FilterSet

from config.api.filtering import InstantFilter

from ..models import Run


class RunFilter(FilterSet):
    status = ChoiceFilter(
        choices=Run.Status.choices,
        error_messages={"invalid_choice": _("Choose one of: %s.") % ", ".join(Run.Status.values)},
    )
    triggered_by = CharFilter(max_length=200)
    # Half open, so that one day's end can be the next one's beginning.
    invoked_at_after = InstantFilter(field_name="invoked_at", lookup_expr="gte", label=_("Invoked at or after"))
    invoked_at_before = InstantFilter(field_name="invoked_at", lookup_expr="lt", label=_("Invoked before"))

    class Meta:
        model = Run
        fields: list[str] = []
