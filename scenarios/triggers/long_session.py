from django.utils.translation import gettext_lazy as _

from ..measures import Column, Condition, Match
from . import register
from .base import ON_ACTIVITY, Trigger
from .filters import MOST_MINUTES, ActivityFilters
from .parameters import Whole


@register
class LongSession(ActivityFilters, Trigger):
    """An activity that took at least so many minutes."""

    slug = "long_session"
    label = _("A long session")
    who = _("a mentor who logs at least %(min_duration_minutes)d minutes")
    sentence = _("It took %(minutes)d minutes; the rule asks for %(min_duration_minutes)d.")
    judged = (ON_ACTIVITY,)
    needs_threshold = False
    parameters = {
        **ActivityFilters.parameters,
        "min_duration_minutes": Whole(_("at least so many minutes"), default=60, least=1, most=MOST_MINUTES),
    }

    def measure(self, terms):
        given = self.given(terms)
        long = Condition("duration_seconds", ">=", given["min_duration_minutes"] * 60)
        return Match((*self.filters(given), long), details=(("seconds", Column("duration_seconds")),))

    def words(self, readings, terms, zone):
        return super().words(readings, terms, zone) | {"minutes": readings["seconds"] // 60}
