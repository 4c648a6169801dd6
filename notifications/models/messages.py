"""Every message, from the moment it was due to what became of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scenarios.models import Decision, PeerMentor

from .copy import Variant

# A wording's title has half of this; names fill the rest, or are cut.
LONGEST_TITLE = 200


class Notification(models.Model):
    """What one due decision says to one mentor, kept as it was written so that later edits don't rewrite history.

    The lease says which sender has the message in hand: only the holder of `lease_token` may record what became of it.
    It is short, by PostgreSQL's clock, and renewed by the sender for as long as it lives.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("will be tried again")
        DISCARDED = "discarded", _("given up")
        WITHDRAWN = "withdrawn", _("withdrawn")

    CLAIMABLE = (Status.PENDING, Status.FAILED)

    decision = models.OneToOneField(Decision, models.CASCADE, related_name="notification", verbose_name=_("decision"))
    mentor = models.ForeignKey(PeerMentor, models.CASCADE, related_name="notifications", verbose_name=_("peer mentor"))
    channel = models.CharField(_("channel"), max_length=20)
    variant = models.ForeignKey(
        Variant, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("wording")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    subject = models.CharField(_("title"), max_length=LONGEST_TITLE, blank=True)
    body = models.TextField(_("text"), blank=True)

    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(_("made"))
    due_at = models.DateTimeField(_("next try"))
    give_up_at = models.DateTimeField(_("tried until"), null=True, blank=True, help_text=_("Set by the first failure."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    crashes = models.PositiveSmallIntegerField(
        _("attempts without an answer"), default=0, help_text=_("Nobody knows whether these arrived.")
    )
    lease_token = models.UUIDField(_("lease"), null=True, blank=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_overdue = models.BooleanField(
        _("lease overdue"),
        default=False,
        db_default=False,
        help_text=_("Not renewed in time: its sender has a moment left to say that it lives."),
    )
    send_started_at = models.DateTimeField(_("sending started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    message_id = models.CharField(_("message ID"), max_length=200, unique=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(status="sending", lease_token__isnull=False, lease_until__isnull=False)
                    | (~Q(status="sending") & Q(lease_token__isnull=True, lease_until__isnull=True))
                ),
                name="notification_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(lease_overdue=False) | Q(status="sending"), name="notification_overdue_while_sending"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "sending", "failed"], finished_at__isnull=True)
                | Q(status__in=["sent", "discarded", "withdrawn"], finished_at__isnull=False),
                name="notification_finished_has_its_instant",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["failed", "discarded", "withdrawn"]) | ~Q(last_error=""),
                name="notification_failure_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | Q(give_up_at__isnull=False), name="notification_retry_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(send_started_at__isnull=True) | Q(send_started_at__gte=F("created_at")),
                name="notification_started_after_made",
            ),
        ]
        indexes = [
            # Senders take what is due.
            models.Index(
                fields=["due_at", "id"], condition=Q(status__in=["pending", "failed"]), name="notification_due"
            ),
            # The reconciler takes back what a dead sender had in hand.
            models.Index(fields=["lease_until"], condition=Q(status="sending"), name="notification_leased"),
        ]

    def __str__(self):
        return f"{self.mentor_id} · {self.channel}"
