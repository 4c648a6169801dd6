"""Filters that answer from an index and speak of local days."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str


class DayFilter(RangeDateFilter):
    """From one local day to another, both included. unfold's own compares an instant with a date, and loses a day."""

    title: Any

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = _("day (%(what)s)") % {"what": self.title}

    def queryset(self, request, queryset):
        first = self._day("from")
        last = self._day("to")
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": local_midnight(first)})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": local_midnight(last + timedelta(days=1))})
        return queryset

    def _day(self, end):
        value = self.used_parameters.get(f"{self.parameter_name}_{end}")
        return parse_date_str(value) if isinstance(value, str) else None


def local_midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


class StandingFilter(DropdownFilter):
    """Facts that hold; what was taken back is kept, and shown to those who ask for it."""

    title = _("shown")
    parameter_name = "shown"
    all_option = ["", _("What holds")]

    def lookups(self, request, model_admin):
        return [("withdrawn", _("What was taken back")), ("all", _("Both"))]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.filter(withdrawn_at__isnull=self.value() != "withdrawn")
