"""When it happened: runs, the batches they are cut into, and what staff must hear about."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from scenarios.ids import new_id


def new_run_id() -> str:
    return new_id("run")


class Run(models.Model):
    """One weighing of all active mentors, as of `invoked_at`.

    The totals are sums over the batches and grow while the run is running.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        SUCCESS = "success", _("success")
        PARTIAL = "partial", _("partial")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        HELD = "held", _("held")
        SKIPPED = "skipped", _("skipped")

    id = models.CharField(_("ID"), primary_key=True, max_length=64, default=new_run_id, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RUNNING)
    invoked_at = models.DateTimeField(_("invoked"), help_text=_("Facts are weighed as of this instant."))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    schedule = models.ForeignKey(
        PeriodicTask, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("schedule")
    )
    slot_date = models.DateField(_("slot"), null=True, blank=True, help_text=_("The local date of the daily run."))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    triggered_by = models.CharField(_("triggered by"), max_length=200, blank=True)
    error_message = models.TextField(_("error message"), max_length=2000, null=True, blank=True)  # noqa: DJ001 (the contract prints null)
    batches_total = models.PositiveIntegerField(_("batches"), default=0)
    batches_done = models.PositiveIntegerField(_("batches done"), default=0)
    users_evaluated = models.PositiveIntegerField(_("mentors evaluated"), default=0)
    notifications_dispatched = models.PositiveIntegerField(_("notifications"), default=0)
    duration_ms = models.PositiveBigIntegerField(_("duration (ms)"), default=0)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-invoked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "slot_date"], name="run_slot_once"),
            models.CheckConstraint(
                condition=Q(schedule__isnull=True, slot_date__isnull=True)
                | Q(schedule__isnull=False, slot_date__isnull=False),
                name="run_slot_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="running", finished_at__isnull=True)
                | (
                    Q(status__in=["success", "partial", "failed", "cancelled", "held", "skipped"])
                    & Q(finished_at__isnull=False)
                ),
                name="run_finished_has_its_instant",
            ),
            models.CheckConstraint(condition=Q(batches_done__lte=F("batches_total")), name="run_batches_done_in_range"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | ~Q(status="running"), name="run_deleted_is_finished"
            ),
        ]
        indexes = [
            # The log, newest first, without what was deleted.
            models.Index(fields=["-invoked_at", "-id"], condition=Q(deleted_at__isnull=True), name="run_newest_first"),
            # The reconciler looks for runs to close.
            models.Index(fields=["id"], condition=Q(status="running"), name="run_running"),
        ]

    def __str__(self):
        return self.id


class Batch(models.Model):
    """A share of a run's mentors: a range of internal ids, both ends included, or mentors named by a caller."""

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    run = models.ForeignKey(Run, models.CASCADE, related_name="batches", db_index=False, verbose_name=_("run"))
    index = models.PositiveIntegerField(_("index"))
    lo = models.BigIntegerField(_("from mentor"), null=True, blank=True)
    hi = models.BigIntegerField(_("to mentor"), null=True, blank=True)
    user_ids = ArrayField(models.CharField(max_length=64), null=True, blank=True, verbose_name=_("named mentors"))
    as_of = models.DateTimeField(_("as of"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    starts = models.PositiveSmallIntegerField(_("starts"), default=0)
    last_start_at = models.DateTimeField(_("last start"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    user_count = models.PositiveIntegerField(_("mentors"), default=0)
    notifications_sent = models.PositiveIntegerField(_("notifications"), default=0)
    duration_ms = models.PositiveBigIntegerField(_("duration (ms)"), default=0)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["run_id", "index"]
        constraints = [
            models.UniqueConstraint(fields=["run", "index"], name="batch_index_once"),
            models.CheckConstraint(
                condition=Q(lo__isnull=False, hi__isnull=False, user_ids__isnull=True, lo__lte=F("hi"))
                | Q(lo__isnull=True, hi__isnull=True, user_ids__isnull=False),
                name="batch_is_a_range_or_names",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", finished_at__isnull=True)
                | Q(status__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="batch_finished_has_its_instant",
            ),
            models.CheckConstraint(condition=~Q(status="failed") | ~Q(last_error=""), name="batch_failure_says_why"),
        ]
        # Workers look for something to claim.
        indexes = [models.Index(fields=["id"], condition=Q(status="pending"), name="batch_pending")]

    def __str__(self):
        return f"{self.run_id} · {self.index}"


class Incident(models.Model):
    """Something about the runs that staff must hear of, open until it is over."""

    class Kind(models.TextChoices):
        LATE = "late", _("the daily run is late")
        FAILED = "failed", _("a run failed")
        PARTIAL = "partial", _("a run is partial")
        HELD = "held", _("a run is held")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="incidents", verbose_name=_("run"))
    message = models.TextField(_("message"))
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "run"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="incident_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="incident_closed_later"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.run_id or '-'}"
