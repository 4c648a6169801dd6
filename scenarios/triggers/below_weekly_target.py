from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from ..measures import JOINED, KNOWN_FROM, LAST_PAUSE_END, Column, FirstOf, Greatest, Leaf, Own, Shortfall, Sum
from . import register
from .base import DAILY, ON_ACTIVITY, Trigger
from .filters import ActivityFilters
from .parameters import Choice, Whole

# What is added up, how much of it makes one of the target's unit, and where a mentor's own target stands.
AMOUNTS = {
    "distance": ("sum", "distance_meters", Fraction(1), "weekly_distance_meters"),
    "minutes": ("sum", "duration_seconds", Fraction(1, 60), "weekly_minutes"),
    "count": ("count", "id", Fraction(1), "weekly_activities"),
}


@register
class BelowWeeklyTarget(ActivityFilters, Trigger):
    """Less than a share of the weekly target over the trailing days, up to and including the instant.

    Only an activity that matches is judged. The mentor's own target goes before the rule's; it is scaled from 7 days to
    the rule's window. Every day, only who has been there for the whole window is weighed.
    """

    slug = "below_weekly_target"
    label = _("Less than the weekly target")
    who = _("a mentor below %(threshold_percent)d%% of the weekly target over %(threshold)d days")
    sentence = _(
        "%(value)d in %(threshold)d days; the rule looks for at least %(limit)d, %(threshold_percent)d%% of the target."
    )
    judged = (ON_ACTIVITY, DAILY)
    threshold_hint = _("Over how many days the activities are added up, for example 7.")
    parameters = {
        **ActivityFilters.parameters,
        "amount": Choice(
            _("what is counted"),
            default="distance",
            choices=(
                ("distance", _("distance (metres)")),
                ("minutes", _("minutes")),
                ("count", _("number of activities")),
            ),
        ),
        "threshold_percent": Whole(_("percent of the target"), default=100, least=1, most=100),
        "weekly_target": Whole(
            _("weekly target"), _("For mentors without a target of their own. Empty: they are left alone."), least=1
        ),
    }

    def measure(self, terms):
        given = self.given(terms)
        aggregate, column, unit, own_target = AMOUNTS[given["amount"]]
        filters = self.filters(given)
        before = Leaf("activity", aggregate, column, where=filters, window_days=terms.threshold_days)
        own = Own(None if aggregate == "count" else column)
        judged = terms.judged == ON_ACTIVITY
        parts = (before, own) if judged else (before,)
        target = FirstOf((Column(own_target), given["weekly_target"]))
        share = Fraction(given["threshold_percent"], 100) * Fraction(terms.threshold_days, 7)
        if judged:
            # An activity says nothing of a week of which nobody here knows the rest.
            return Shortfall(
                Sum(parts),
                target,
                unit,
                share,
                where=filters,
                present_since=KNOWN_FROM,
                window_days=terms.threshold_days,
            )
        # Who joined yesterday, or is just back from a pause, had no week in which to reach anything.
        return Shortfall(
            Sum(parts),
            target,
            unit,
            share,
            present_since=Greatest((JOINED, LAST_PAUSE_END, KNOWN_FROM)),
            window_days=terms.threshold_days,
        )
