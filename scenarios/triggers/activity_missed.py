from django.utils.translation import gettext_lazy as _

from ..measures import INSTANT, JOINED, KNOWN_FROM, LAST_PAUSE_END, Elapsed, Greatest, Leaf
from . import register
from .base import DAILY, ON_ACTIVITY, Trigger
from .filters import ActivityFilters


@register
class ActivityMissed(ActivityFilters, Trigger):
    """Time without any matching activity before the one that is judged, or, judged every day, until now.

    It counts from when the mentor's activities are known at the earliest. Only an activity that matches is judged: a
    phone call says nothing of missed runs.
    """

    slug = "activity_missed"
    label = _("Activities were missed")
    who = _("a mentor who let %(threshold)d days pass without such an activity")
    sentence = _("%(days)d days passed without such an activity; the rule allows %(threshold)d.")
    judged = (ON_ACTIVITY, DAILY)
    threshold_hint = _("How many days without such an activity, for example 10.")
    looks_at = "silence"

    def measure(self, terms):
        filters = self.filters(self.given(terms))
        last = Leaf("activity", "max", "completed_at", where=filters)
        judged = filters if terms.judged == ON_ACTIVITY else ()
        return Elapsed(Greatest((last, JOINED, LAST_PAUSE_END, KNOWN_FROM)), INSTANT, where=judged)
