"""When it happened: runs, the batches they are cut into, and what staff must hear about."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from scenarios.ids import new_id
from scenarios.text import LineField, TextField

from .jobs import Job  # noqa: F401 (a model of this app)


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
    reason = LineField(_("reason"), max_length=200, blank=True)
    triggered_by = LineField(_("triggered by"), max_length=200, blank=True)
    error_message = TextField(_("error message"), max_length=2000, null=True, blank=True)
    batches_total = models.PositiveIntegerField(_("batches"), default=0)
    batches_done = models.PositiveIntegerField(_("batches done"), default=0)
    users_evaluated = models.PositiveIntegerField(_("mentors evaluated"), default=0)
    # Messages that were decided, without those that were given up before their part of the run was released.
    notifications_dispatched = models.PositiveIntegerField(_("notifications"), default=0)
    notifications_given_up = models.PositiveIntegerField(_("messages given up"), default=0, editable=False)
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
        DEAF = "deaf", _("work stands still")

    # Those that a person may declare dealt with; the others are over when their cause is.
    FOR_PEOPLE = (Kind.FAILED, Kind.PARTIAL)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="incidents", verbose_name=_("run"))
    message = models.TextField(_("message"))
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=200, blank=True)

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


class Notice(models.Model):
    """One message to the operators through one channel: that an incident opened, that it is over, that all went well.

    A sender takes it in hand by writing its token and moving `due_at` to when it counts as dead; only the holder of the
    token may say what became of it.
    """

    class What(models.TextChoices):
        OPENED = "opened", _("an incident opened")
        CLOSED = "closed", _("an incident is over")
        WELL = "well", _("the daily run went well")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PING = "ping", _("ping")

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("no longer needed")
        GIVEN_UP = "given_up", _("given up")

    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("incident")
    )
    run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("run"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    made_at = models.DateTimeField(_("made"))
    due_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    token = models.UUIDField(_("in hand"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice to operators")
        verbose_name_plural = _("notices to operators")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "what", "channel"], name="notice_of_an_incident_once"),
            models.UniqueConstraint(fields=["run", "what", "channel"], name="notice_of_a_run_once"),
            models.CheckConstraint(
                condition=Q(what="well", run__isnull=False, incident__isnull=True)
                | Q(what__in=["opened", "closed"], run__isnull=True, incident__isnull=False),
                name="notice_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | ~Q(status="sent") & Q(sent_at__isnull=True),
                name="notice_sent_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(status="pending") | Q(token__isnull=True), name="notice_in_hand_is_pending"
            ),
        ]
        # The sender looks for what is due.
        indexes = [models.Index(fields=["due_at"], condition=Q(status="pending"), name="notice_due")]

    def __str__(self):
        return f"{self.get_what_display()} · {self.get_channel_display()}"


class Heartbeat(models.Model):
    """When something was last seen: each worker, the tick, by which beat is seen, and what is first in a queue."""

    class Kind(models.TextChoices):
        WORKER = "worker", _("worker")
        TICK = "tick", _("clock")
        FRONT = "front", _("first in a queue")

    key = models.CharField(_("who"), primary_key=True, max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ["-seen_at", "key"]

    def __str__(self):
        return self.key
