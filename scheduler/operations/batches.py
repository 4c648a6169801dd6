"""Evaluate one batch: claimed by a row lock, decided, counted and finished in one transaction.

Killed in the middle, nothing happened. A batch fails alone.
"""

import logging
from datetime import datetime, timedelta
from time import perf_counter

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from psycopg import errors

from scenarios import operations as scenarios
from scenarios.engine import Frame, Range
from scenarios.models import switched_off
from scenarios.operations.deadlocks import past_deadlocks

from ..models import Batch, Run
from .halving import MOST_STARTS, can_be_halved, halve
from .problems import RunStopped
from .runs import close
from .stopping import skip_running

log = logging.getLogger(__name__)

# Between counting a start and taking the lock a batch looks free; nobody else should start it in that moment.
JUST_STARTED = timedelta(seconds=1)
# How long PostgreSQL may be in trouble before that is taken for a fault of the batch.
PATIENCE = timedelta(minutes=30)
LONGEST_BACKOFF = timedelta(seconds=2 ** (MOST_STARTS - 1))


def run_one_batch(*, now: datetime) -> bool:
    """Claim and evaluate one waiting batch; return False where none waits.

    Where messages are switched off for everybody, whatever is running ends as skipped.
    """
    if skip_running(now=now):
        return False
    batch_id = _start(now)
    if batch_id is None:
        return False
    try:
        past_deadlocks(lambda: _evaluate(batch_id, now))
    except RunStopped:
        Batch.objects.filter(pk=batch_id, status=Batch.Status.PENDING).exclude(run__status=Run.Status.RUNNING).update(
            status=Batch.Status.CANCELLED, finished_at=now
        )
    except Exception as error:  # the batch boundary: the others go on
        log.exception("batch %s failed", batch_id)
        _note_failure(batch_id, error, now)
    return True


def waiting(now: datetime):
    """Return the batches that may be started now: those that failed wait twice as long each time."""
    # Started by a clock that was ahead: nobody waits for it to come true.
    backoff = Q(last_start_at__gt=now + LONGEST_BACKOFF)
    for starts in range(1, MOST_STARTS):
        backoff |= Q(starts=starts, last_start_at__lt=now - timedelta(seconds=2**starts))
    just_started = Q(last_start_at__gt=now - JUST_STARTED, last_start_at__lte=now)
    return Batch.objects.filter(
        Q(last_error="") | backoff | Q(starts__gte=MOST_STARTS),
        ~just_started | Q(last_start_at__isnull=True),
        status=Batch.Status.PENDING,
        run__status=Run.Status.RUNNING,
    )


@transaction.atomic
def _start(now: datetime) -> int | None:
    """Count the start in a transaction of its own, so that a batch that kills its worker is noticed."""
    waits = waiting(now).order_by("starts", "id").select_for_update(of=("self",), skip_locked=True)
    while (batch := waits.first()) is not None and batch.starts >= MOST_STARTS:
        _give_up(batch, _("Its worker died %(count)d times.") % {"count": batch.starts}, now)
    if batch is None:
        return None
    Batch.objects.filter(pk=batch.pk).update(starts=F("starts") + 1, last_start_at=now)
    return batch.pk


@transaction.atomic
def _evaluate(batch_id: int, now: datetime) -> None:
    batch = Batch.objects.filter(pk=batch_id, status=Batch.Status.PENDING).select_for_update(skip_locked=True).first()
    if batch is None:
        return
    assert batch.lo is not None and batch.hi is not None, "only ranges wait; named mentors are evaluated at once"
    began = perf_counter()
    frame = Frame(instant=batch.as_of, known_at=batch.as_of, decided_at=now)
    verdict = scenarios.decide(Range(batch.lo, batch.hi, without=switched_off()), frame, run_id=batch.run_id)
    batch.user_count = verdict.weighed
    batch.notifications_sent = verdict.notified
    batch.duration_ms = round((perf_counter() - began) * 1000)
    batch.status = Batch.Status.DONE
    batch.last_error = ""
    batch.finished_at = max(now, batch.as_of)
    batch.save(update_fields=["user_count", "notifications_sent", "duration_ms", "status", "last_error", "finished_at"])
    count_finished(batch, now=now)


def totals_with(batch: Batch) -> dict:
    """Return a run's totals with those of a batch added, as an update writes them."""
    return {
        "users_evaluated": F("users_evaluated") + batch.user_count,
        "notifications_dispatched": F("notifications_dispatched") + batch.notifications_sent,
        "duration_ms": F("duration_ms") + batch.duration_ms,
    }


def count_finished(batch: Batch, *, now: datetime) -> None:
    """Add a finished batch to its run's totals, and close the run with its last one.

    The counter is guarded by the run's status: raises RunStopped where the run isn't running any more. It is the last
    statement of the transaction, since every batch of the run waits for this row.
    """
    running = Run.objects.filter(pk=batch.run_id, status=Run.Status.RUNNING)
    if not running.update(batches_done=F("batches_done") + 1, **totals_with(batch)):
        raise RunStopped(batch.run_id)
    run = Run.objects.get(pk=batch.run_id)
    if run.batches_done == run.batches_total:
        close(run, now=now)


@transaction.atomic
def _note_failure(batch_id: int, error: Exception, now: datetime) -> None:
    batch = Batch.objects.select_for_update().filter(pk=batch_id, status=Batch.Status.PENDING).first()
    if batch is None:
        return
    what = f"{type(error).__name__}: {error}".strip()[:1000]
    if _says_nothing_of_mentors(error) and now - batch.as_of < PATIENCE:
        # It keeps its last start, so that it is neither halved nor given up.
        batch.starts = min(batch.starts, MOST_STARTS - 1)
    if batch.starts >= MOST_STARTS:
        _give_up(batch, what, now)
    else:
        batch.last_error = what
        batch.save(update_fields=["last_error", "starts"])


def _says_nothing_of_mentors(error: Exception) -> bool:
    """Tell whether PostgreSQL is away, full or busy. One statement that takes too long is shorter for half of them."""
    is_trouble = isinstance(error, (OperationalError, InterfaceError))
    return is_trouble and not isinstance(error.__cause__, errors.QueryCanceled)


def _give_up(batch: Batch, what: str, now: datetime) -> None:
    """Halve a batch that has failed too often, or fail it; its run goes on without it."""
    try:
        if can_be_halved(batch):
            log.warning("batch %s is halved: %s", batch.pk, what)
            halve(batch, now=now)
        else:
            _fail(batch, what, now)
    except RunStopped:
        log.info("batch %s of a stopped run failed", batch.pk)


def _fail(batch: Batch, what: str, now: datetime) -> None:
    batch.last_error, batch.status, batch.finished_at = what, Batch.Status.FAILED, now
    batch.save(update_fields=["last_error", "status", "finished_at"])
    count_finished(batch, now=now)
