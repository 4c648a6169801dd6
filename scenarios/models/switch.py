"""Whether anybody is told anything at all."""

from django.db import models
from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _

from ..text import LineField
from .people import Organization

ONLY = 1


class Switch(models.Model):
    """The one switch for everybody, beside that of each organisation. Without its row messages are on.

    It is read afresh before each batch and each claim, so that turning it off works within a second.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    telling_enabled = models.BooleanField(_("messages are on"), default=True)
    why = LineField(_("why"), max_length=200, blank=True)
    changed_by = models.CharField(_("changed by"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("switch for all messages")
        verbose_name_plural = _("switch for all messages")
        constraints = [
            models.CheckConstraint(condition=Q(id=ONLY), name="switch_is_one"),
            models.CheckConstraint(condition=Q(telling_enabled=True) | ~Q(why=""), name="switch_off_says_why"),
        ]

    def __str__(self):
        return str(_("messages are on") if self.telling_enabled else _("messages are off"))

    @classmethod
    def is_on(cls) -> bool:
        return not cls.objects.filter(telling_enabled=False).exists()

    @classmethod
    def off(cls) -> Exists:
        """Whether messages are off, as a condition within a query of something else."""
        return Exists(cls.objects.filter(telling_enabled=False))


def switched_off() -> tuple[str, ...]:
    """Return the ids of the organisations in which nobody is told anything, the switch for all aside."""
    ids = Organization.objects.filter(telling_enabled=False).order_by("id")
    return tuple(ids.values_list("id", flat=True))
