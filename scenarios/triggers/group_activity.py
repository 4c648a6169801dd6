from django.utils.translation import gettext_lazy as _

from ..measures import Condition, Match
from . import register
from .base import ON_ACTIVITY, Trigger
from .filters import ActivityFilters
from .parameters import Whole


@register
class GroupActivity(ActivityFilters, Trigger):
    """An activity with a group, perhaps of at least so many people."""

    slug = "group_activity"
    label = _("A group activity")
    who = _("a mentor who logs an activity with a group")
    sentence = _("It was an activity with a group.")
    judged = (ON_ACTIVITY,)
    needs_threshold = False
    parameters = {
        **ActivityFilters.parameters,
        "min_participants": Whole(_("at least so many participants"), least=1, most=10_000),
    }

    def measure(self, terms):
        given = self.given(terms)
        conditions = (*self.filters(given), Condition("is_group", "=", True))
        if given["min_participants"] is not None:
            conditions += (Condition("participants", ">=", given["min_participants"]),)
        return Match(conditions)
