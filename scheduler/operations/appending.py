"""Append a batch of named mentors to a run, evaluated at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from scenarios import operations as scenarios
from scenarios.engine import Frame, Named
from scenarios.models import PeerMentor, Switch, switched_off
from scenarios.models.decisions import Reason
from scenarios.operations.deadlocks import past_deadlocks

from .. import splitting
from ..models import Batch, Run
from .batches import totals_with
from .given_up import recount
from .held import hold
from .problems import Conflict, RunNotFound

log = logging.getLogger(__name__)

CLOSED_TO_MORE = (Run.Status.FAILED, Run.Status.CANCELLED, Run.Status.HELD, Run.Status.SKIPPED)


@dataclass(frozen=True)
class Result:
    """What came of one user id; `reason` is empty where the mentor is told."""

    user_id: str
    trigger_type: str | None
    notified: bool
    reason: str


@dataclass(frozen=True)
class AppendedBatch:
    batch: Batch
    results: list[Result]


def append_batch(*, run_id: str, user_ids: Sequence[str], now: datetime) -> AppendedBatch:
    """Evaluate the named mentors now and append the batch to the run; one result for each distinct id, in order.

    Raises RunNotFound, or Conflict where the run failed, was cancelled or skipped, or is held.
    """
    return past_deadlocks(lambda: _append(run_id, list(dict.fromkeys(user_ids)), now))


@transaction.atomic
def _append(run_id: str, user_ids: list[str], now: datetime) -> AppendedBatch:
    _open_run(Run.objects.filter(pk=run_id), run_id)
    began = perf_counter()
    named = PeerMentor.objects.filter(user_id__in=user_ids)
    mentors = dict(named.values_list("user_id", "id"))
    off = _switched_off(named)
    verdict = _decide(sorted(set(mentors.values()) - off), Frame.at(now), run_id)
    verdict.results.update(dict.fromkeys(off, scenarios.MentorResult(None, False, Reason.SWITCHED_OFF)))
    # The mentors are locked before the run, as in every batch: nobody waits in a circle.
    run = _open_run(Run.objects.select_for_update().filter(pk=run_id), run_id)
    batch = Batch.objects.create(
        run=run,
        index=splitting.last_index(run) + 1,
        user_ids=user_ids,
        as_of=now,
        status=Batch.Status.DONE,
        starts=1,
        last_start_at=now,
        finished_at=now,
        user_count=verdict.weighed,
        notifications_sent=verdict.notified,
        duration_ms=round((perf_counter() - began) * 1000),
    )
    Run.objects.filter(pk=run.pk).update(
        batches_total=F("batches_total") + 1, batches_done=F("batches_done") + 1, **totals_with(batch)
    )
    if run.status != Run.Status.RUNNING:
        hold(run, scenarios.clear_run(run.pk, now=now, whole=False), now=now)
        # What was added to a part that was discarded goes the same way.
        recount(run)
    return AppendedBatch(batch, [_result(user_id, mentors.get(user_id), verdict) for user_id in user_ids])


def _switched_off(mentors: QuerySet[PeerMentor]) -> set[int]:
    """Return which of the mentors are left out because messages are switched off, as in a run."""
    if Switch.is_on():
        mentors = mentors.filter(organization__in=switched_off())
    return set(mentors.values_list("id", flat=True))


def _decide(mentor_ids: list[int], frame: Frame, run_id: str) -> scenarios.Verdict:
    """Weigh the mentors; one who can't be evaluated stands alone as that, and the others have their results."""
    try:
        with transaction.atomic():
            return scenarios.decide(Named(mentor_ids), frame, run_id=run_id)
    except (OperationalError, InterfaceError):  # PostgreSQL is away or busy, which says nothing about a mentor
        raise
    except Exception:  # the boundary of a batch, as in a worker
        if len(mentor_ids) <= 1:
            log.exception("mentors %s of run %s could not be evaluated", mentor_ids, run_id)
            failed = scenarios.MentorResult(None, notified=False, reason=Reason.EVALUATION_ERROR)
            return scenarios.Verdict(weighed=0, notified=0, results=dict.fromkeys(mentor_ids, failed))
    middle = len(mentor_ids) // 2
    lower, upper = (_decide(half, frame, run_id) for half in (mentor_ids[:middle], mentor_ids[middle:]))
    return scenarios.Verdict(
        lower.weighed + upper.weighed, lower.notified + upper.notified, {**lower.results, **upper.results}
    )


def _open_run(runs, run_id: str) -> Run:
    run = runs.filter(deleted_at__isnull=True).first()
    if run is None:
        raise RunNotFound(run_id)
    if run.status in CLOSED_TO_MORE:
        raise Conflict(_("This run is %(status)s; nothing can be added to it.") % {"status": run.get_status_display()})
    return run


def _result(user_id: str, mentor_id: int | None, verdict: scenarios.Verdict) -> Result:
    if mentor_id is None or mentor_id not in verdict.results:
        return Result(user_id, None, False, "mentor_not_found")
    result = verdict.results[mentor_id]
    return Result(user_id, result.trigger_type, result.notified, result.reason)
