"""Filters and ordering by query string, in which nothing is overlooked: a misspelt filter would show everything."""

from urllib.parse import unquote_to_bytes

from django import forms
from django.utils.translation import gettext as _
from django_filters import Filter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.settings import api_settings

from .fields import read_instant
from .parsing import shown


class InstantField(forms.CharField):
    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return read_instant(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class InstantFilter(Filter):
    field_class = InstantField


class StrictFilterBackend(DjangoFilterBackend):
    """Filter by the view's filter set; refuse parameters that the view doesn't have."""

    def filter_queryset(self, request, queryset, view):
        refuse_parameters(request, known=self.parameters(request, queryset, view))
        return super().filter_queryset(request, queryset, view)

    def parameters(self, request, queryset, view) -> set[str]:
        filterset = self.get_filterset_class(view, queryset)
        known = set(filterset.base_filters) if filterset else set()
        if getattr(view, "ordering_fields", None):
            known.add(api_settings.ORDERING_PARAM)
        if view.paginator:
            known |= {view.paginator.page_query_param, view.paginator.page_size_query_param}
        return known

    def get_schema_operation_parameters(self, view) -> list[dict]:
        """Leave the description to drf-spectacular, which knows django-filter's backend by this name."""
        return []


class StrictOrdering(OrderingFilter):
    """Order by the view's `ordering_fields` only; the key comes last, so that no page depends on chance."""

    def get_ordering(self, request, queryset, view):
        allowed = [name for name, _label in self.get_valid_fields(queryset, view, {"request": request})]
        given = request.query_params.get(self.ordering_param)
        if given is None:
            return self.get_default_ordering(view)
        terms = given.split(",")
        names = [term.removeprefix("-") for term in terms]
        if not set(names) <= set(allowed) or len(set(names)) < len(names):
            raise ValidationError(
                {
                    self.ordering_param: [
                        _("Choose from: %(names)s; a minus turns it around.") % {"names": ", ".join(allowed)}
                    ]
                }
            )
        key = "-pk" if terms[0].startswith("-") else "pk"
        return [*terms, key]

    def get_valid_fields(self, queryset, view, context=None):
        return [(name, name) for name in getattr(view, "ordering_fields", None) or ()]


def refuse_parameters(request, *, known: set[str]) -> None:
    """Refuse unknown and repeated parameters, and bytes that are no UTF-8. Raise ValidationError by parameter."""
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode("utf-8")
    except UnicodeDecodeError:
        raise ParseError(_("The query string must be UTF-8.")) from None
    known = known | {api_settings.URL_FORMAT_OVERRIDE}
    problems = {}
    for name, values in request.query_params.lists():
        if name not in known:
            problems[shown(name)] = [
                _("Unknown parameter. Known here: %(names)s.") % {"names": ", ".join(sorted(known))}
            ]
        elif len(values) > 1:
            problems[name] = [_("Give this parameter once.")]
        elif "\x00" in values[0]:
            problems[name] = [_("Null characters are not allowed.")]
    if problems:
        raise ValidationError(problems)
