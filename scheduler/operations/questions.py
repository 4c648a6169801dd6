"""Questions as jobs: asked, claimed by a worker, answered, cancelled and forgotten.

Whoever answers holds a lock of PostgreSQL for as long as its process lives. There is one such lock for the house: one
question is answered at a time, all other workers stay free for runs, and a job that is running while nobody holds the
lock has lost its worker.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error, connection, connections, transaction
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from ..jobs import Job
from ..signals import questions_waiting
from .batches import waiting as batches_waiting
from .problems import Conflict

log = logging.getLogger(__name__)

MOST_WAITING = 5
# Any number, the same in every process.
LOCK = 7_302_515
# In milliseconds: a matching over a very large house is one statement.
LONGEST_STATEMENT = 600_000


class TooMany(Conflict):
    """This asker has enough questions waiting."""


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


Answer = Callable[[Job, Callable[[float], None]], dict[str, Any]]


def ask(*, kind: str, question: dict[str, Any], by, now: datetime) -> Job:
    """Put a question into the queue. Raises TooMany."""
    with transaction.atomic():
        if Job.objects.filter(asked_by=by, state__in=Job.OPEN).count() >= MOST_WAITING:
            said = _("%(count)d of your questions are still waiting. Cancel one of them, or wait for an answer.")
            raise TooMany(said % {"count": MOST_WAITING})
        job = Job.objects.create(kind=kind, question=question, asked_by=by, created_at=now)
        transaction.on_commit(lambda: questions_waiting.send(sender=None))
    return job


def place_of(job: Job) -> int:
    """Return how many questions are answered before this one; 0 for one that doesn't wait."""
    if job.state != Job.State.QUEUED:
        return 0
    running = Job.objects.filter(state=Job.State.RUNNING).count()
    waiting = list(in_turn().values_list("pk", flat=True))
    return running + waiting.index(job.pk) if job.pk in waiting else 0


def in_turn() -> QuerySet[Job]:
    """Return what waits, in the order in which it is answered: whoever was answered longest ago goes first."""
    mine = Job.objects.filter(asked_by=OuterRef("asked_by"), started_at__isnull=False)
    last = mine.order_by().values("asked_by").annotate(last=Max("started_at")).values("last")
    return (
        Job.objects.filter(state=Job.State.QUEUED)
        .annotate(served_at=Subquery(last))
        .order_by(F("served_at").asc(nulls_first=True), "created_at", "id")
    )


def cancel(job: Job, *, now: datetime) -> None:
    """Stop a question, or forget its answer."""
    with transaction.atomic():
        found = Job.objects.select_for_update().filter(pk=job.pk).first()
        if found is None:
            return
        if not found.is_open:
            found.delete()
            return
        if found.state == Job.State.RUNNING and found.backend_pid:
            # While its row is locked it can't be finished, so this connection still works on it and on nothing else.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_cancel_backend(%s)", [found.backend_pid])
        found.state, found.finished_at, found.expires_at = Job.State.CANCELLED, now, now + Job.KEPT_FOR
        found.backend_pid = None
        found.save(update_fields=["state", "finished_at", "expires_at", "backend_pid"])


def reconcile_questions(*, now: datetime) -> None:
    """Forget what has expired, and ring for what waits or has lost its worker."""
    Job.objects.filter(expires_at__lte=now).delete()
    if Job.objects.filter(state__in=Job.OPEN).exists():
        questions_waiting.send(sender=None)


def answer_one_question(answer: Answer, *, clock: Callable[[], datetime]) -> bool:
    """Answer the question whose turn it is; return whether there may be another. Batches of runs go first."""
    with _the_only_one() as desk:
        if desk is None or batches_waiting(clock()).exists():
            return False
        desk.take_up_again(clock())
        job = desk.claim(clock())
        if job is None:
            return False
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(LONGEST_STATEMENT)])
                result = answer(job, desk.progress_of(job))
        except Exception as error:  # the boundary of one question: the others are answered all the same
            desk.failed(job, error, clock())
        else:
            desk.done(job, result, clock())
        return True


@contextmanager
def _the_only_one() -> Iterator["_Desk | None"]:
    """Hold the lock on a connection of its own, over which progress is written while the other one works."""
    control = connections.create_connection(connection.alias)
    control.settings_dict = connection.settings_dict
    try:
        with control.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            (taken,) = cursor.fetchone()
        yield _Desk(control) if taken else None
    finally:
        control.close()


class _Desk:
    """What the holder of the lock writes about jobs, each statement by itself."""

    def __init__(self, control):
        self._control = control

    def take_up_again(self, now: datetime) -> None:
        """Put back what was being answered when its worker died; not for ever."""
        given_up = _("Its worker died %(count)d times, so it was given up. Ask for less, or tell the operators.")
        self._run(
            "UPDATE scheduler_job SET state = 'failed', error = %(why)s, finished_at = %(now)s, backend_pid = NULL,"
            " expires_at = %(until)s WHERE state = 'running' AND starts >= %(most)s",
            why=given_up % {"count": Job.MOST_STARTS},
            now=now,
            until=now + Job.KEPT_FOR,
            most=Job.MOST_STARTS,
        )
        self._run("UPDATE scheduler_job SET state = 'queued', progress = 0, backend_pid = NULL WHERE state = 'running'")

    def claim(self, now: datetime) -> Job | None:
        first = in_turn().first()
        if first is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        taken = self._run(
            "UPDATE scheduler_job SET state = 'running', starts = starts + 1, started_at = %(now)s, progress = 0,"
            " backend_pid = %(pid)s WHERE id = %(id)s AND state = 'queued'",
            now=now,
            pid=pid,
            id=first.pk,
        )
        return Job.objects.get(pk=first.pk) if taken else None

    def progress_of(self, job: Job) -> Callable[[float], None]:
        written = -1

        def progress(share: float) -> None:
            nonlocal written
            percent = min(99, int(share * 100))
            if percent == written:
                return
            written = percent
            still = self._run(
                "UPDATE scheduler_job SET progress = %(percent)s WHERE id = %(id)s AND state = 'running'",
                percent=percent,
                id=job.pk,
            )
            if not still:
                raise Cancelled

        return progress

    def done(self, job: Job, result: dict[str, Any], now: datetime) -> None:
        self._run(
            "UPDATE scheduler_job SET state = 'done', progress = 100, result = %(result)s, finished_at = %(now)s,"
            " expires_at = %(until)s, backend_pid = NULL WHERE id = %(id)s AND state = 'running'",
            result=Jsonb(result, dumps=lambda value: json.dumps(value, cls=DjangoJSONEncoder)),
            now=now,
            until=now + Job.KEPT_FOR,
            id=job.pk,
        )

    def failed(self, job: Job, error: Exception, now: datetime) -> None:
        """Say why; nothing is said of one that was cancelled."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, Error):
            log.error("question %s failed: %s", job.pk, type(error).__name__)
        else:
            log.exception("question %s failed", job.pk)
        self._run(
            "UPDATE scheduler_job SET state = 'failed', error = %(why)s, finished_at = %(now)s,"
            " expires_at = %(until)s, backend_pid = NULL WHERE id = %(id)s AND state = 'running'",
            why=_("It could not be answered (%(what)s). Ask for less, or tell the operators.")
            % {"what": type(error).__name__},
            now=now,
            until=now + Job.KEPT_FOR,
            id=job.pk,
        )

    def _run(self, statement: str, **given: Any) -> int:
        with self._control.cursor() as cursor:
            cursor.execute(statement, given)
            return cursor.rowcount
