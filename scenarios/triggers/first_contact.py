from django.utils.translation import gettext_lazy as _

from ..measures import Column, Condition, Leaf, Match
from . import register
from .base import ON_ACTIVITY, Trigger
from .filters import ActivityFilters


@register
class FirstContact(ActivityFilters, Trigger):
    """The mentor's first activity with this contact, of whatever kind the earlier ones were."""

    slug = "first_contact"
    label = _("First contact with somebody")
    who = _("a mentor who logs the first activity with somebody")
    sentence = _("It was the first activity with this contact.")
    judged = (ON_ACTIVITY,)
    needs_threshold = False

    def measure(self, terms):
        earlier = Leaf("activity", "count", "id", where=(Condition("contact_id", "=", Column("contact_id")),))
        return Match((*self.filters(self.given(terms)), Condition("contact_id", ">", "")), none=(earlier,))
