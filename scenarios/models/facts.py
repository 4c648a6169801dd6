"""What is known of a mentor. Rows are only added and withdrawn, so that any past day can be asked what was known."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..ids import ExternalIdField, is_external_id, new_certification_id
from ..text import LineField
from .people import Chapter, Organization, PeerMentor

STANDING = Q(withdrawn_at__isnull=True)


class FactQuerySet(models.QuerySet):
    def standing(self):
        """Leave out what was withdrawn."""
        return self.filter(STANDING)


class Fact(models.Model):
    """One thing known of a mentor, from `recorded_at` until it is withdrawn.

    `recorded_at` may lie in the past (imports, seeding), which is why it is a default and no `auto_now_add`.
    """

    # What it is known by, also when it was corrected. Our own number isn't kept: a correction is a new row.
    key = "pk"

    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("recorded_at")),
                name="%(class)s_withdrawn_after_recorded",
            )
        ]


class ActivitiesKnownSince(Fact):
    """What an organisation says of its log: from this day on it holds every activity of those who were there then.

    Of mentors who are entered later the activities are known from their own `recorded_at` on.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="known_since_statements", verbose_name=_("organisation")
    )
    known_since = models.DateField(_("activities are complete since"))
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("stated by")
    )

    class Meta(Fact.Meta):
        verbose_name = _("statement on activities")
        verbose_name_plural = _("statements on activities")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(fields=["organization"], condition=STANDING, name="known_since_stated_once"),
        ]

    def __str__(self):
        return f"{self.organization_id} · {self.known_since}"


def refuse_foreign_chapter(fact: "Membership | Activity") -> None:
    """Say beside the field what the database holds too (migration 0005). Raise ValidationError."""
    mentor = getattr(fact, "mentor", None)
    if mentor and fact.chapter_id and fact.chapter and fact.chapter.organization_id != mentor.organization_id:
        raise ValidationError({"chapter": _("This chapter belongs to another organisation than the mentor.")})


def ends_after_it_starts(message) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
        name="%(class)s_ends_after_it_starts",
        violation_error_message=message,
    )


class Membership(Fact):
    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="memberships", db_index=False, verbose_name=_("peer mentor")
    )
    chapter = models.ForeignKey(Chapter, models.PROTECT, related_name="memberships", verbose_name=_("chapter"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            *Fact.Meta.constraints,
            ends_after_it_starts(_("A membership must end after it starts.")),
            models.UniqueConstraint(
                fields=["mentor", "chapter"],
                condition=STANDING & Q(ends_at__isnull=True),
                name="membership_open_once",
                violation_error_message=_("This mentor already belongs to this chapter."),
            ),
        ]
        # The engine reads the chapters of a range of mentors.
        indexes = [models.Index(fields=["mentor", "starts_at"], name="membership_by_mentor")]

    def __str__(self):
        return f"{self.mentor_id} · {self.chapter_id}"

    def clean(self):
        refuse_foreign_chapter(self)


class Pause(Fact):
    """A time in which a mentor is left alone. No reason is kept: it would say something of a person's health."""

    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="pauses", db_index=False, verbose_name=_("peer mentor")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until further notice."))

    class Meta(Fact.Meta):
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            *Fact.Meta.constraints,
            ends_after_it_starts(_("A pause must end after it starts.")),
            models.UniqueConstraint(
                fields=["mentor"],
                condition=STANDING & Q(ends_at__isnull=True),
                name="pause_open_once",
                violation_error_message=_("This mentor is already paused until further notice."),
            ),
        ]
        # The engine reads the pauses of a range of mentors.
        indexes = [models.Index(fields=["mentor", "starts_at"], name="pause_by_mentor")]

    def __str__(self):
        return f"{self.mentor_id} · {self.starts_at:%Y-%m-%d}"


class OptOut(Fact):
    """A mentor's wish not to be told. It holds from the moment it is recorded until it is withdrawn."""

    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="opt_outs", db_index=False, verbose_name=_("peer mentor")
    )
    trigger_type = models.CharField(
        _("kind of message"), max_length=50, blank=True, help_text=_("Empty: no messages at all.")
    )

    class Meta(Fact.Meta):
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["mentor", "trigger_type"],
                condition=STANDING,
                name="opt_out_standing_once",
                violation_error_message=_("This mentor has already opted out of this."),
            ),
        ]
        # The gates ask a mentor's opt-outs, also as they stood on a past day.
        indexes = [models.Index(fields=["mentor"], name="opt_out_by_mentor")]

    def __str__(self):
        return f"{self.mentor_id} · {self.trigger_type or _('everything')}"


class HumanContact(Fact):
    """Somebody talked to the mentor: the machine keeps quiet for the organisation's number of days."""

    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="human_contacts", db_index=False, verbose_name=_("peer mentor")
    )
    contacted_at = models.DateTimeField(_("talked on"))
    contacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta(Fact.Meta):
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        # The gates look for the latest conversation of a mentor.
        indexes = [models.Index(fields=["mentor", "contacted_at"], name="human_contact_by_mentor")]

    def __str__(self):
        return f"{self.mentor_id} · {self.contacted_at:%Y-%m-%d}"


class Activity(Fact):
    """What a mentor did and logged. Distances are metres, durations seconds."""

    key = "activity_id"

    activity_id = ExternalIdField(_("activity ID"))
    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="activities", db_index=False, verbose_name=_("peer mentor")
    )
    chapter = models.ForeignKey(
        Chapter, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chapter")
    )
    activity_type = LineField(_("type"), max_length=50)
    distance_meters = models.PositiveIntegerField(_("distance (m)"), null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(_("duration (s)"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"))
    contact_id = ExternalIdField(_("contact ID"), blank=True)
    contact_type = LineField(_("contact type"), max_length=50, blank=True)
    wellbeing_flags = ArrayField(LineField(max_length=50), default=list, blank=True, verbose_name=_("flags"))
    is_group = models.BooleanField(_("group"), null=True, blank=True)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(condition=is_external_id("activity_id"), name="activity_id_shape"),
            models.UniqueConstraint(
                fields=["activity_id"],
                condition=STANDING,
                name="activity_standing_once",
                violation_error_message=_("An activity with this ID is already logged."),
            ),
        ]
        indexes = [
            # The engine aggregates the activities of a range of mentors.
            models.Index(fields=["mentor", "completed_at"], name="activity_by_mentor"),
            # The brake asks who has recorded anything since the last run.
            models.Index(fields=["recorded_at"], name="activity_by_recording"),
        ]

    def __str__(self):
        return self.activity_id

    def clean(self):
        refuse_foreign_chapter(self)


class Certification(Fact):
    key = "certification_id"

    certification_id = ExternalIdField(_("certification ID"), default=new_certification_id)
    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="certifications", db_index=False, verbose_name=_("peer mentor")
    )
    kind = LineField(_("kind"), max_length=100, help_text=_("For example “Peer mentor, basic course”."))
    issued_at = models.DateTimeField(_("issued"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))

    class Meta(Fact.Meta):
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(condition=is_external_id("certification_id"), name="certification_id_shape"),
            models.CheckConstraint(
                condition=Q(issued_at__isnull=True) | Q(expires_at__gt=F("issued_at")),
                name="certification_expires_after_issue",
                violation_error_message=_("A certification must expire after it was issued."),
            ),
            models.UniqueConstraint(
                fields=["certification_id"],
                condition=STANDING,
                name="certification_standing_once",
                violation_error_message=_("A certification with this ID already exists."),
            ),
        ]
        # The engine takes the latest of each kind for a range of mentors.
        indexes = [models.Index(fields=["mentor", "kind", "-expires_at"], name="certification_by_mentor")]

    def __str__(self):
        return f"{self.kind} · {self.expires_at:%Y-%m-%d}"
