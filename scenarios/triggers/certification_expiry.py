from django.utils.translation import gettext_lazy as _

from ..measures import INSTANT, Column, Elapsed
from . import register
from .base import CERTIFICATION, WITHIN, Trigger


@register
class CertificationExpiry(Trigger):
    """Time until a certification expires that hasn't been renewed. Expired ones are left alone."""

    slug = "certification_expiry"
    label = _("A certification expires soon")
    who = _("a mentor whose certification expires within %(threshold)d days")
    sentence = _("“%(kind)s” expires in %(days)d days, on %(end)s; the rule looks %(threshold)d days ahead.")
    subject = CERTIFICATION
    fires_when = WITHIN
    threshold_hint = _("How many days before it expires, for example 30.")

    def measure(self, terms):
        return Elapsed(INSTANT, Column("expires_at"), details=(("kind", Column("kind")),))
