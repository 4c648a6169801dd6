from django.utils.translation import gettext_lazy as _

from ..measures import Condition, Match
from . import register
from .base import ON_ACTIVITY, Trigger
from .filters import ActivityFilters
from .parameters import Choice, Words


@register
class WellbeingFlag(ActivityFilters, Trigger):
    """A flag about somebody's wellbeing was raised in the log: any of the rule's, or all of them.

    Which one it was is not kept with the decision.
    """

    slug = "wellbeing_flag"
    label = _("A wellbeing flag was raised")
    who = _("a mentor whose log raises a flag")
    sentence = _("A flag that this rule looks for was raised.")
    judged = (ON_ACTIVITY,)
    needs_threshold = False
    parameters = {
        **ActivityFilters.parameters,
        "flags": Words(_("flags"), _("Separated by commas."), required=True),
        "mode": Choice(_("how many"), default="any", choices=(("any", _("any of them")), ("all", _("all of them")))),
    }

    def measure(self, terms):
        given = self.given(terms)
        operator = "contains" if given["mode"] == "all" else "overlaps"
        return Match((*self.filters(given), Condition("wellbeing_flags", operator, given["flags"])))
