from django.utils.translation import gettext_lazy as _

from ..measures import Condition, Leaf, Milestone
from . import register
from .base import Trigger
from .filters import ActivityFilters
from .parameters import Numbers


@register
class Milestones(ActivityFilters, Trigger):
    """The highest number of activities in the calendar year that is reached and not yet told or passed."""

    slug = "milestone"
    label = _("A milestone of the year")
    who = _("a mentor who reaches %(counts)s activities in the calendar year")
    sentence = _("%(count)d activities in %(year)s: the milestone of %(milestone)d is reached.")
    quiet = _("%(count)d activities in %(year)s: no new milestone.")
    needs_threshold = False
    parameters = {
        **ActivityFilters.parameters,
        "counts": Numbers(_("milestones"), _("Separated by commas."), default=(50, 100, 200)),
    }

    def measure(self, terms):
        given = self.given(terms)
        count = Leaf("activity", "count", "id", where=self.filters(given), this_year=True)
        told = Leaf("decision", "array_agg", "occasion", where=(Condition("rule_id", "=", terms.rule_id),))
        return Milestone(count, told, given["counts"])

    def explain(self, readings, terms, zone):
        if readings["milestone"] is None:
            return str(self.quiet) % readings
        return super().explain(readings, terms, zone)
