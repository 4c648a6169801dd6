"""Ninety runs that are over: the two that the contract prints, the weeks before them, and one started by hand.

They have batches and totals but no decisions: what they told is older than anything the demo's people have heard.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from scheduler import schedule
from scheduler.models import Batch, Run

NEWEST = datetime(2026, 3, 26, 8, tzinfo=UTC)
DAILY_RUNS = 89
SIZE = 50

# (mentors, told, milliseconds) of each batch, newest run first: as printed, or adding up to what is printed.
Shares = Sequence[tuple[int, int, int]]
PRINTED: tuple[Shares, ...] = (
    ((50, 8, 1400), (50, 9, 1410), (48, 6, 1400)),
    ((50, 6, 1300), (50, 5, 1310), (50, 7, 1290), (1, 1, 80)),
)
SKIPPED = {37: "Nothing was running when this run was due; a later one took its place."}
# Day: the batches that could not be evaluated, and what the database said.
FAILED = {
    12: ((1,), "OperationalError: canceling statement due to statement timeout"),
    29: ((2,), "OperationalError: the connection is closed"),
    58: ((0, 1, 2), "OperationalError: the database system is shutting down"),
    71: ((0,), "OperationalError: canceling statement due to lock timeout"),
}


def write_history(mentor_ids: list[int], dice: Random) -> None:
    """Write the runs with their batches; the batches' borders are among these mentors."""
    daily = schedule.daily_schedules().first()
    runs, batches = [_started_by_hand()], []
    for day in range(DAILY_RUNS):
        run = Run(
            id=f"run_01HSCHED{day + 1:02d}",
            invoked_at=NEWEST - timedelta(days=day),
            schedule=daily,
            slot_date=(NEWEST - timedelta(days=day)).date() if daily else None,
            reason="daily",
            triggered_by="schedule",
        )
        shares: Shares = PRINTED[day] if day < len(PRINTED) else _shares(dice)
        if day in SKIPPED:
            run.status, run.error_message, run.reason, shares = Run.Status.SKIPPED, SKIPPED[day], "missed", ()
        made = [_batch(run, index, share, mentor_ids) for index, share in enumerate(shares)]
        if day in FAILED:
            _fail(run, made, *FAILED[day])
        _add_up(run, made)
        runs.append(run)
        batches += made
    Run.objects.bulk_create(runs)
    Batch.objects.bulk_create(batches)


def _started_by_hand() -> Run:
    invoked_at = datetime(2026, 3, 26, 10, 15, tzinfo=UTC)
    return Run(
        id="run_01HSCHED99",
        status=Run.Status.SUCCESS,
        invoked_at=invoked_at,
        finished_at=invoked_at,
        reason="manual_trigger",
        triggered_by="admin_usr_001",
    )


def _shares(dice: Random) -> Shares:
    mentors = dice.randint(143, 149)
    sizes = [SIZE, SIZE, mentors - 2 * SIZE]
    return [(size, dice.randint(3, 9), dice.randint(1250, 1480)) for size in sizes]


def _batch(run: Run, index: int, share: tuple[int, int, int], mentor_ids: list[int]) -> Batch:
    own = mentor_ids[index * SIZE :][:SIZE] or mentor_ids[-1:]
    users, told, duration_ms = share
    return Batch(
        run=run,
        index=index,
        lo=own[0],
        hi=own[-1],
        as_of=run.invoked_at,
        status=Batch.Status.DONE,
        starts=1,
        last_start_at=run.invoked_at + timedelta(seconds=1),
        finished_at=run.invoked_at + timedelta(seconds=1, milliseconds=duration_ms),
        user_count=users,
        notifications_sent=told,
        duration_ms=duration_ms,
    )


def _fail(run: Run, batches: list[Batch], failed: tuple[int, ...], error: str) -> None:
    for index in failed:
        batch = batches[index]
        batch.status, batch.starts, batch.last_error = Batch.Status.FAILED, 5, error
        batch.user_count = batch.notifications_sent = batch.duration_ms = 0
        batch.finished_at = run.invoked_at + timedelta(seconds=45)
    run.status = Run.Status.PARTIAL if len(failed) < len(batches) else Run.Status.FAILED
    counted = "1 batch" if len(failed) == 1 else f"{len(failed)} batches"
    run.error_message = f"{counted} could not be evaluated."


def _add_up(run: Run, batches: list[Batch]) -> None:
    if run.status == Run.Status.RUNNING:
        run.status = Run.Status.SUCCESS
    finished = [batch.finished_at for batch in batches if batch.finished_at]
    run.finished_at = max(finished, default=run.invoked_at + timedelta(days=1))
    run.batches_total = run.batches_done = len(batches)
    run.users_evaluated = sum(batch.user_count for batch in batches)
    run.notifications_dispatched = sum(batch.notifications_sent for batch in batches)
    run.duration_ms = sum(batch.duration_ms for batch in batches)
