"""Questions that take too long for a request: asked, answered by a worker, kept for a day."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scenarios.ids import new_id


def new_job_id() -> str:
    return new_id("job")


class Job(models.Model):
    """One question, who asked it, how far it is, and the answer. Without an asker: asked where the API is public."""

    class Kind(models.TextChoices):
        PREVIEW = "preview", _("whom a rule would touch")
        BACKTEST = "backtest", _("what would have happened")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being worked out")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.QUEUED, State.RUNNING)
    KEPT_FOR = timedelta(days=1)
    MOST_STARTS = 3

    id = models.CharField(_("ID"), primary_key=True, max_length=64, default=new_job_id, editable=False)
    kind = models.CharField(_("question"), max_length=10, choices=Kind.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    question = models.JSONField(_("as it was asked"))
    result = models.JSONField(_("answer"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    starts = models.PositiveSmallIntegerField(_("starts"), default=0)
    # The connection that works on it, so that a statement of its can be cancelled.
    backend_pid = models.IntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="queued", finished_at__isnull=True, expires_at__isnull=True)
                | Q(state="running", started_at__isnull=False, finished_at__isnull=True, expires_at__isnull=True)
                | Q(
                    state__in=["done", "failed", "cancelled"],
                    finished_at__isnull=False,
                    expires_at__gt=F("finished_at"),
                ),
                name="job_state_has_its_instants",
            ),
            models.CheckConstraint(
                condition=Q(state="done", result__isnull=False) | ~Q(state="done") & Q(result__isnull=True),
                name="job_done_has_its_answer",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="job_failure_says_why"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_in_percent"),
            # One at a time for each asker, whatever the workers do.
            models.UniqueConstraint(
                fields=["asked_by"], condition=Q(state="running"), nulls_distinct=False, name="job_running_once"
            ),
        ]
        indexes = [
            # Workers look for the next, and askers for their place.
            models.Index(fields=["created_at"], condition=Q(state__in=["queued", "running"]), name="job_open"),
            # Somebody's own list.
            models.Index(fields=["asked_by", "-created_at"], name="job_by_asker"),
            # The tick forgets what has expired.
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="job_expiry"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
