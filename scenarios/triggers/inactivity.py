from django.utils.translation import gettext_lazy as _

from ..measures import INSTANT, JOINED, LAST_ACTIVITY, LAST_PAUSE_END, Elapsed, Greatest
from . import register
from .base import Trigger


@register
class Inactivity(Trigger):
    """Time since the last logged activity, at the earliest since joining or the end of the last pause."""

    slug = "inactivity"
    label = _("No activity for a while")
    who = _("a mentor with no activity for %(threshold)d days")
    sentence = _("No activity logged for %(days)d days; the rule allows %(threshold)d.")

    def measure(self, terms):
        return Elapsed(Greatest((LAST_ACTIVITY, JOINED, LAST_PAUSE_END)), INSTANT)
