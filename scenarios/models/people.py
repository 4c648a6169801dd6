"""Organisations, chapters, peer mentors, and which staff may see whom. No mentor's name or address lives here."""

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..ids import ExternalIdField, is_external_id
from ..text import LineField


def validate_time_zone(name: str) -> None:
    """Refuse a name that isn't in the time zone database."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone; write it like Europe/Oslo."), params={"name": name})


class Organization(models.Model):
    id = ExternalIdField(_("ID"), primary_key=True, help_text=_("From your own register, for example org_oslo_01."))
    name = LineField(_("name"), max_length=200)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Europe/Oslo",
        validators=[validate_time_zone],
        help_text=_("Days are counted in this zone."),
    )
    weekly_cap = models.PositiveSmallIntegerField(
        _("messages per week"),
        default=2,
        validators=[MaxValueValidator(50)],
        help_text=_("A mentor hears from us at most this often in 7 days."),
    )
    min_hours_between_messages = models.PositiveSmallIntegerField(
        _("hours between two messages"),
        default=24,
        validators=[MaxValueValidator(720)],
        help_text=_(
            "A mentor gets the next message this many hours after the one before, at the earliest. Answers to an"
            " activity don't count and are not held back. 0: no limit."
        ),
    )
    human_contact_days = models.PositiveSmallIntegerField(
        _("quiet days after a conversation"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_("After someone has talked to a mentor, we stay silent for this many days."),
    )
    telling_enabled = models.BooleanField(
        _("messages are on"), default=True, help_text=_("Off: nobody in this organisation is told anything.")
    )
    brake_limit_percent = models.PositiveSmallIntegerField(
        _("ask before telling more than (%)"),
        default=25,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "If one rule would tell more than this share of the active mentors on one day, nobody is told until a"
            " person has looked at it. 100: no limit; far more than usual is held all the same."
        ),
    )
    brake_fewest = models.PositiveSmallIntegerField(
        _("never ask below (mentors)"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("So few mentors at once are never held, whatever their share."),
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=is_external_id("id"), name="organization_id_shape"),
            models.CheckConstraint(condition=Q(weekly_cap__lte=50), name="organization_weekly_cap_range"),
            models.CheckConstraint(
                condition=Q(min_hours_between_messages__lte=720), name="organization_min_hours_between_messages_range"
            ),
            models.CheckConstraint(
                condition=Q(human_contact_days__lte=365), name="organization_human_contact_days_range"
            ),
            models.CheckConstraint(
                condition=Q(brake_limit_percent__range=(1, 100)), name="organization_brake_limit_range"
            ),
            models.CheckConstraint(condition=Q(brake_fewest__range=(1, 1000)), name="organization_brake_fewest_range"),
        ]

    def __str__(self):
        return self.name

    @property
    def activities_known_since(self) -> date | None:
        """The day since when the log of activities is complete, as stated now; None: nobody has said so."""
        statement = self.known_since_statements.filter(withdrawn_at__isnull=True).first()
        return statement.known_since if statement else None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Chapter(models.Model):
    id = ExternalIdField(_("ID"), primary_key=True, help_text=_("From your own register, for example ch_boston_001."))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="chapters", verbose_name=_("organisation")
    )
    name = LineField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=is_external_id("id"), name="chapter_id_shape"),
            # What a composite foreign key needs: rules name a chapter of their organisation.
            models.UniqueConstraint(fields=["id", "organization"], name="chapter_and_its_organization"),
            models.UniqueConstraint(
                F("organization"),
                Lower(Func(F("name"), function="NORMALIZE")),
                name="chapter_name_once",
                violation_error_message=_("Another chapter of this organisation has this name."),
            ),
        ]

    def __str__(self):
        return self.name


class PeerMentor(models.Model):
    """A volunteer under a pseudonym; the name and the address are in `notifications.Contact` alone."""

    user_id = ExternalIdField(_("user ID"), unique=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="mentors", verbose_name=_("organisation")
    )
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    weekly_distance_meters = models.PositiveIntegerField(_("weekly target (metres)"), null=True, blank=True)
    weekly_minutes = models.PositiveIntegerField(_("weekly target (minutes)"), null=True, blank=True)
    weekly_activities = models.PositiveIntegerField(_("weekly target (activities)"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    left_recorded_at = models.DateTimeField(_("leaving recorded"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("peer mentor")
        verbose_name_plural = _("peer mentors")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=is_external_id("user_id"), name="mentor_user_id_shape"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                name="mentor_leaves_after_joining",
                violation_error_message=_("A mentor can't leave before joining."),
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, left_recorded_at__isnull=True)
                | Q(left_at__isnull=False, left_recorded_at__isnull=False),
                name="mentor_leaving_has_its_recording",
            ),
        ]

    def __str__(self):
        return self.user_id

    def clean(self):
        """Tie the leaving to the moment at which we learnt of it, before the constraints are checked."""
        if self.left_at is None:
            self.left_recorded_at = None
        elif self.left_recorded_at is None:
            self.left_recorded_at = timezone.now()


class StaffScope(models.Model):
    """What one member of staff may see: everything, one organisation, or one chapter; several rows add up."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="scopes", verbose_name=_("user"))
    everything = models.BooleanField(_("everything"), default=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    chapter = models.ForeignKey(
        Chapter, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("chapter")
    )

    class Meta:
        verbose_name = _("staff scope")
        verbose_name_plural = _("staff scopes")
        ordering = ["user_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(everything=True, organization__isnull=True, chapter__isnull=True)
                | Q(everything=False, organization__isnull=False, chapter__isnull=True)
                | Q(everything=False, organization__isnull=True, chapter__isnull=False),
                name="staff_scope_is_one_thing",
                violation_error_message=_("Choose exactly one: everything, an organisation, or a chapter."),
            ),
            models.UniqueConstraint(
                fields=["user", "everything", "organization", "chapter"],
                nulls_distinct=False,
                name="staff_scope_once",
                violation_error_message=_("This person already has this scope."),
            ),
        ]

    def __str__(self):
        return str(_("everything") if self.everything else self.organization or self.chapter)
