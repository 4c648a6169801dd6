from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Sum

from scenarios.models import Decision
from scheduler.models import Batch, Run

pytestmark = pytest.mark.usefixtures("seeded_at")


def test_there_are_ninety_runs_89_of_them_daily_at_eight():
    assert Run.objects.count() == 90
    daily = Run.objects.filter(triggered_by="schedule").order_by("-invoked_at").values_list("invoked_at", flat=True)
    newest = datetime(2026, 3, 26, 8, tzinfo=UTC)
    assert list(daily) == [newest - timedelta(days=n) for n in range(89)]


@pytest.mark.parametrize(
    ("run_id", "invoked_at", "printed"),
    [
        ("run_01HSCHED01", datetime(2026, 3, 26, 8, tzinfo=UTC), ("success", 148, 23, 4210, None)),
        ("run_01HSCHED02", datetime(2026, 3, 25, 8, tzinfo=UTC), ("success", 151, 19, 3980, None)),
    ],
)
def test_the_newest_two_are_as_printed(run_id, invoked_at, printed):
    run = Run.objects.get(pk=run_id)
    assert run.invoked_at == invoked_at
    totals = (run.users_evaluated, run.notifications_dispatched, run.duration_ms)
    assert (run.status, *totals, run.error_message) == printed


def test_the_batches_of_the_newest_are_as_printed():
    batches = Batch.objects.filter(run="run_01HSCHED01").order_by("index")
    assert list(batches.values_list("index", "user_count", "notifications_sent", "duration_ms")) == [
        (0, 50, 8, 1400),
        (1, 50, 9, 1410),
        (2, 48, 6, 1400),
    ]


def test_the_run_that_was_started_by_hand_is_over_and_has_no_batches():
    run = Run.objects.get(pk="run_01HSCHED99")
    assert (run.status, run.triggered_by, run.reason) == ("success", "admin_usr_001", "manual_trigger")
    assert run.invoked_at == datetime(2026, 3, 26, 10, 15, tzinfo=UTC)
    assert not run.batches.exists()


def test_the_totals_of_every_run_are_the_sums_of_its_batches():
    for run in Run.objects.annotate(
        users=Sum("batches__user_count", default=0),
        told=Sum("batches__notifications_sent", default=0),
        milliseconds=Sum("batches__duration_ms", default=0),
    ):
        assert (run.users_evaluated, run.notifications_dispatched, run.duration_ms) == (
            run.users,
            run.told,
            run.milliseconds,
        )
        assert run.batches_total == run.batches_done == run.batches.count()


def test_what_went_wrong_says_why():
    for status in ("partial", "failed", "skipped"):
        runs = Run.objects.filter(status=status)
        assert runs.exists()
        assert all(run.error_message for run in runs)
    assert set(Batch.objects.filter(status="failed").values_list("run__status", flat=True)) == {"partial", "failed"}


def test_the_history_told_nobody_who_is_there():
    assert not Decision.objects.filter(run_id__isnull=False).exists()
