"""The only place where a mentor has a name and an address, and the ways in which an organisation tells."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenarios.models import Organization, PeerMentor
from scenarios.models.people import validate_time_zone
from scenarios.text import AddressField, LineField

from .. import channels


class Contact(models.Model):
    mentor = models.OneToOneField(
        PeerMentor, models.CASCADE, primary_key=True, related_name="contact", verbose_name=_("peer mentor")
    )
    name = LineField(_("name"), max_length=200)
    email = AddressField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="nb")
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Empty: the organisation's."),
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.strip().split(" ", 1)[0]


class ChannelSetting(models.Model):
    """How one organisation uses one channel. Without a row the channel is used with the defaults."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="channel_settings", verbose_name=_("organisation")
    )
    channel = models.CharField(_("channel"), max_length=20, choices=channels.choices)
    enabled = models.BooleanField(_("enabled"), default=True)
    sender_name = LineField(
        _("sender's name"),
        max_length=100,
        blank=True,
        help_text=_("Empty: the organisation's."),
    )
    reply_to = AddressField(_("answers go to"), blank=True)

    class Meta:
        verbose_name = _("channel setting")
        verbose_name_plural = _("channel settings")
        ordering = ["organization_id", "channel"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "channel"],
                name="channel_setting_once",
                violation_error_message=_("This channel is already set up for this organisation."),
            ),
            models.CheckConstraint(condition=~Q(channel=""), name="channel_setting_names_a_channel"),
        ]

    def __str__(self):
        return f"{self.organization} · {self.channel}"
