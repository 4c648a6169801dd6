"""What was decided, why, whether it may be told, and what became of it."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..ids import new_evaluation_id
from .facts import Activity
from .people import Chapter, Organization, PeerMentor
from .rules import Rule, RuleVersion


class Reason(models.TextChoices):
    """Why somebody was not told; the first block is decided by the gates, the second afterwards."""

    MENTOR_LEFT = "mentor_left", _("has left")
    MENTOR_PAUSED = "mentor_paused", _("is paused")
    USER_OPTED_OUT = "user_opted_out", _("doesn't want this kind of message")
    HUMAN_CONTACT = "human_contact", _("somebody talked to them lately")
    ALREADY_TOLD = "already_told", _("was already told of this occasion")
    COOLDOWN_ACTIVE = "cooldown_active", _("was told of this scenario lately")
    OUTRANKED = "outranked", _("another message goes first")
    FREQUENCY_CAPPED = "frequency_capped", _("the organisation's limit on messages is reached")
    WATCHING = "watching", _("this rule only watches")
    EVALUATION_ERROR = "evaluation_error", _("could not be evaluated")

    STALE = "stale", _("came too late to be of use")
    NO_LONGER_TRUE = "no_longer_true", _("was no longer true when it was due")
    RULE_DISABLED = "rule_disabled", _("the rule is no longer on")
    RUN_CANCELLED = "run_cancelled", _("the run was stopped")
    BLACKOUT = "blackout", _("fell on a day without messages")
    NO_CHANNEL = "no_channel", _("there is no way to reach them")
    HELD = "held", _("the run was held and discarded")
    EXPIRED = "expired", _("waited too long for release")
    SWITCHED_OFF = "switched_off", _("messages were switched off")
    UNDELIVERABLE = "undeliverable", _("could not be delivered")


class Evaluation(models.Model):
    """One activity judged against the rules of a chapter, as posted to the second contract."""

    class Status(models.TextChoices):
        COMPLETED = "completed", _("completed")
        REVIEWED = "reviewed", _("reviewed")
        ARCHIVED = "archived", _("archived")
        FAILED = "failed", _("failed")

    id = models.CharField(_("ID"), primary_key=True, max_length=64, default=new_evaluation_id, editable=False)
    chapter = models.ForeignKey(Chapter, models.PROTECT, related_name="+", verbose_name=_("chapter"))
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="evaluations", verbose_name=_("activity"))
    evaluated_at = models.DateTimeField(_("evaluated"))
    rules_evaluated = models.PositiveIntegerField(_("rules evaluated"), default=0)
    triggered_count = models.PositiveIntegerField(_("triggered"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.COMPLETED)
    error_message = models.TextField(_("error"), blank=True)
    updated_at = models.DateTimeField(_("updated"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-evaluated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["completed", "reviewed", "archived", "failed"]), name="evaluation_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error_message=""), name="evaluation_failure_says_why"
            ),
        ]
        # The log, newest first, without what was deleted.
        indexes = [
            models.Index(
                fields=["-evaluated_at", "-id"], condition=Q(deleted_at__isnull=True), name="evaluation_newest_first"
            )
        ]

    def __str__(self):
        return self.id


class Decision(models.Model):
    """One rule that fired for one subject, told or not, with everything needed to explain it.

    `subject` is empty for the mentor, or else one of the mentor's certifications. `occasion` is what the rule fired
    about: the local date of the slot, the activity's ID, or the year and count of a milestone. Together with the rule
    and the mentor they are the key under which nobody is told twice.
    """

    class Outcome(models.TextChoices):
        NONE = "", _("not told")
        PENDING = "pending", _("waiting")
        TOLD = "told", _("told")
        WITHDRAWN = "withdrawn", _("withdrawn")

    mentor = models.ForeignKey(
        PeerMentor, models.CASCADE, related_name="decisions", db_index=False, verbose_name=_("peer mentor")
    )
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organisation"))
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="decisions", verbose_name=_("rule"))
    rule_version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="decisions", db_index=False, verbose_name=_("rule version")
    )
    subject = models.CharField(_("subject"), max_length=64, blank=True)
    occasion = models.CharField(_("occasion"), max_length=64)
    readings = models.JSONField(_("readings"))

    run_id = models.CharField(_("run"), max_length=64, null=True, blank=True)  # noqa: DJ001 (no run, no value)
    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("evaluation")
    )
    instant = models.DateTimeField(_("as of"))
    known_at = models.DateTimeField(_("as known on"))
    decided_at = models.DateTimeField(_("decided"))

    reason = models.CharField(_("held back because"), max_length=20, choices=Reason.choices, blank=True)
    scheduled_for = models.DateTimeField(_("due"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    outcome_reason = models.CharField(_("outcome's reason"), max_length=20, choices=Reason.choices, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentor", "rule", "subject", "occasion"],
                condition=Q(outcome__in=["pending", "told"]),
                name="decision_told_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True) & ~Q(reason="")
                | Q(outcome="pending", settled_at__isnull=True, reason="", outcome_reason="")
                | Q(outcome="told", settled_at__isnull=False, reason="")
                | Q(outcome="withdrawn", settled_at__isnull=False, reason="") & ~Q(outcome_reason=""),
                name="decision_outcome_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(run_id__isnull=True) | Q(evaluation__isnull=True), name="decision_has_one_origin"
            ),
        ]
        indexes = [
            # The gates look for what this mentor was told before.
            models.Index(fields=["mentor", "-decided_at"], name="decision_by_mentor"),
            # A run's page, its counts, its withdrawal.
            models.Index(fields=["run_id"], condition=Q(run_id__isnull=False), name="decision_by_run"),
            # What a rule that only watches would have sent lately.
            models.Index(
                fields=["rule", "decided_at", "mentor"], condition=Q(reason="watching"), name="decision_watched"
            ),
            # The outbox takes what is due.
            models.Index(fields=["scheduled_for", "id"], condition=Q(outcome="pending"), name="decision_due"),
        ]

    def __str__(self):
        return f"{self.mentor_id} · {self.rule_id} · {self.occasion}"

    @property
    def notified(self) -> bool:
        """Tell whether the gates let it through, whatever became of it later."""
        return self.reason == ""


class Clearance(models.Model):
    """Whether an organisation's part of a run may be told. Without a row it may not yet.

    The numbers of each part are kept, since the next ones are compared with them. `told` counts those who are to hear
    of it, by scenario in `told_by_scenario`; `usual` is what it was on a middling day.
    """

    class Status(models.TextChoices):
        CLEARED = "cleared", _("cleared")
        HELD = "held", _("held")
        RELEASED = "released", _("released")
        DISCARDED = "discarded", _("discarded")
        EXPIRED = "expired", _("expired")

    TELLING = (Status.CLEARED, Status.RELEASED)
    GIVEN_UP = (Status.DISCARDED, Status.EXPIRED)
    # A day, less what lets the next daily run find it gone.
    WAITS = timedelta(hours=23, minutes=45)

    run_id = models.CharField(_("run"), max_length=64)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organisation"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    explanation = models.TextField(_("explanation"), blank=True)
    active_mentors = models.PositiveIntegerField(_("active mentors"), null=True, blank=True)
    told = models.PositiveIntegerField(_("to be told"), default=0)
    usual = models.PositiveIntegerField(_("usually told"), null=True, blank=True)
    told_by_scenario = models.JSONField(_("to be told, by scenario"), default=dict, blank=True)
    newest_fact_at = models.DateTimeField(_("newest activity recorded"), null=True, blank=True)
    judged_at = models.DateTimeField(_("judged"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering = ["-judged_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["run_id", "organization"], name="clearance_once"),
            models.CheckConstraint(
                condition=Q(status__in=["cleared", "held"], settled_at__isnull=True)
                | Q(status__in=["released", "discarded", "expired"], settled_at__isnull=False),
                name="clearance_settled_has_its_instant",
            ),
            models.CheckConstraint(condition=Q(status="cleared") | ~Q(explanation=""), name="clearance_hold_says_why"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("judged_at")), name="clearance_settled_later"
            ),
            models.CheckConstraint(
                condition=Q(settled_by="") | Q(settled_at__isnull=False), name="clearance_settled_by_whom"
            ),
        ]
        indexes = [
            # What is usual in an organisation: its last days.
            models.Index(fields=["organization", "-judged_at"], name="clearance_by_organization"),
            # What waits for a person, on the first page and with every tick.
            models.Index(fields=["judged_at"], condition=Q(status="held"), name="clearance_held"),
        ]

    def __str__(self):
        return f"{self.organization.name} · {self.judged_at:%Y-%m-%d}"

    @property
    def expires_at(self):
        """When a held part is given up unless somebody releases it."""
        return self.judged_at + self.WAITS
