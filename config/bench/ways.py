"""The ways to do one daily run, each timed from its start to the last row that it writes."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from scenarios import signals as scenarios
from scenarios.engine import Frame, Range, active
from scenarios.operations import decide
from scheduler import operations
from scheduler import signals as scheduler
from scheduler.models import Run
from scheduler.splitting import batch_size

from . import naive

FLOOR = (Path(__file__).parent / "floor.sql").read_text()
PATIENCE = 600
DIGEST = """
SELECT count(*), md5(string_agg(concat_ws('|', mentor_id, organization_id, rule_id, rule_version_id, subject, occasion,
                                          readings, reason, instant, known_at, scheduled_for, outcome, outcome_reason),
                                E'\\n' ORDER BY mentor_id, rule_id, subject, occasion))
FROM scenarios_decision WHERE instant = %(as_of)s AND mentor_id BETWEEN %(first)s AND %(last)s
"""


def floor(as_of: datetime) -> float:
    """One statement on one connection."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FLOOR, {"as_of": as_of, "now": timezone.now(), "run_id": "run_bench_floor"})
    return time.perf_counter() - began


def engine(as_of: datetime) -> float:
    """Decide for one share of the mentors after the other, on one connection: what a run's batches are for."""
    frame = Frame(as_of, as_of, timezone.now())
    mentors = active(as_of, as_of)
    ends = mentors.aggregate(first=Min("id"), last=Max("id"))
    size = batch_size(mentors.count())
    began = time.perf_counter()
    for lo in range(ends["first"], ends["last"] + 1, size):
        with transaction.atomic():
            decide(Range(lo, lo + size - 1), frame, run_id="run_bench_engine")
    return time.perf_counter() - began


def batches(as_of: datetime, seconds: float = PATIENCE) -> float:
    """A whole run in this process: planned, batch after batch, closed and cleared; at most for so many seconds."""
    with nobody_rung():
        began = time.perf_counter()
        run = operations.start_run(now=as_of)
        while time.perf_counter() < began + seconds and operations.run_one_batch(now=timezone.now()):
            pass
        return closed(run, began)


def through_celery(as_of: datetime, look: Callable[[], object] = lambda: None) -> float:
    """A run as the daily one: whoever listens works off its batches. Meanwhile `look` is called."""
    began = time.perf_counter()
    run = operations.start_run(now=as_of)
    while running(run) and time.perf_counter() < began + PATIENCE:
        time.sleep(0.005)
        look()
    return closed(run, began)


def mentor_by_mentor(as_of: datetime, mentor_ids: Sequence[int]) -> float:
    began = time.perf_counter()
    naive.decide(mentor_ids, naive.Day(as_of, timezone.now(), "run_bench_naive"))
    return time.perf_counter() - began


def digest(as_of: datetime, last: int, first: int = 1) -> tuple[int, str]:
    """Return how many decisions these mentors got, and a digest of everything that is said in them."""
    with connection.cursor() as cursor:
        cursor.execute("SET TimeZone TO 'UTC'")
        cursor.execute(DIGEST, {"as_of": as_of, "first": first, "last": last})
        return cursor.fetchone()


def reasons(as_of: datetime) -> dict[str, int]:
    """Return how many decisions there are by reason; the empty one is to be told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason, count(*) FROM scenarios_decision WHERE instant = %s GROUP BY 1", [as_of])
        return dict(cursor.fetchall())


@contextmanager
def nobody_rung() -> Iterator[None]:
    """Keep doorbells from workers who would help."""
    bells = (scheduler.batches_waiting, scenarios.due)
    kept = [bell.receivers for bell in bells]
    for bell in bells:
        bell.receivers = []
        bell.sender_receivers_cache.clear()
    try:
        yield
    finally:
        for bell, receivers in zip(bells, kept, strict=True):
            bell.receivers = receivers
            bell.sender_receivers_cache.clear()


def running(run: Run | None) -> bool:
    return Run.objects.filter(pk=run and run.pk, status=Run.Status.RUNNING).exists()


def closed(run: Run | None, began: float) -> float:
    took = time.perf_counter() - began
    assert run is not None, "a run without a slot always starts"
    run.refresh_from_db()
    if run.status != Run.Status.SUCCESS:
        errors = run.batches.exclude(last_error="").values_list("last_error", flat=True)
        done = f"{run.batches_done} of {run.batches_total} batches in {took:.0f} s"
        raise RuntimeError(f"the run is {run.status}, {done}: {run.error_message or errors.first() or 'too slow'}")
    return took
