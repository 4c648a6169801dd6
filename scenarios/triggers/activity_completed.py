from django.utils.translation import gettext_lazy as _

from ..measures import Condition, Leaf, Match
from . import register
from .base import ON_ACTIVITY, Trigger
from .filters import ActivityFilters
from .parameters import Whole, YesNo


@register
class ActivityCompleted(ActivityFilters, Trigger):
    """The activity itself: its kind, its length, and whether it is the mentor's first of that sort."""

    slug = "activity_completed"
    label = _("An activity was completed")
    who = _("a mentor who logs an activity of this sort")
    sentence = _("An activity of this sort was logged.")
    judged = (ON_ACTIVITY,)
    needs_threshold = False
    parameters = {
        **ActivityFilters.parameters,
        "min_distance_meters": Whole(_("at least so many metres")),
        "first_only": YesNo(_("only the mentor's first of this sort")),
    }

    def measure(self, terms):
        given = self.given(terms)
        conditions = self.filters(given)
        if given["min_distance_meters"] is not None:
            conditions += (Condition("distance_meters", ">=", given["min_distance_meters"]),)
        earlier = (Leaf("activity", "count", "id", where=conditions),) if given["first_only"] else ()
        return Match(conditions, none=earlier)
