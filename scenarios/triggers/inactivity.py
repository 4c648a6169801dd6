from django.utils.translation import gettext_lazy as _

from ..measures import INSTANT, JOINED, KNOWN_FROM, LAST_ACTIVITY, LAST_PAUSE_END, Elapsed, Greatest
from . import register
from .base import Trigger


@register
class Inactivity(Trigger):
    """Time since the last logged activity.

    It counts from joining, the end of the last pause, or the day from which the mentor's activities are known: from
    the latest of these.
    """

    slug = "inactivity"
    label = _("No activity for a while")
    who = _("a mentor with no activity for %(threshold)d days")
    sentence = _("No activity logged for %(days)d days; the rule allows %(threshold)d.")
    threshold_hint = _("How many days without an activity, for example 14.")
    looks_at = "silence"

    def measure(self, terms):
        return Elapsed(Greatest((LAST_ACTIVITY, JOINED, LAST_PAUSE_END, KNOWN_FROM)), INSTANT)
