"""A run: cut into batches, worked, closed, cleared; everybody accounted for, nobody told twice."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scenarios.engine import in_force_kept
from scenarios.models import Clearance, Decision
from scheduler.models import Run
from scheduler.operations import run_one_batch, start_run
from scheduler.splitting import batch_size
from tests.factories import NOW, days, make_mentor, make_organization, make_pause, make_rule

pytestmark = pytest.mark.django_db


def work(now=NOW) -> int:
    """Work every waiting batch; return how many there were."""
    count = 0
    while run_one_batch(now=now):
        count += 1
    return count


def finish(run: Run) -> Run:
    work()
    run.refresh_from_db()
    return run


@pytest.fixture
def rule():
    return make_rule("inactivity")


def test_148_mentors_make_batches_of_50_50_and_48():
    organization = make_organization()
    for n in range(160):
        mentor = make_mentor(organization, idle_for=days(1))
        if n % 13 == 5:
            make_pause(mentor, starts_at=NOW - days(1))
    run = finish(start_run(now=NOW))
    counts = list(run.batches.order_by("index").values_list("user_count", flat=True))
    assert counts == [50, 50, 48]
    assert run.users_evaluated == 148


@pytest.mark.parametrize(
    ("mentors", "size"),
    [(1, 50), (148, 50), (1_000, 50), (10_000, 500), (100_000, 5_000), (400_000, 20_000), (10**6, 20_000)],
)
def test_the_size_of_a_batch_grows_with_the_population(mentors, size):
    assert batch_size(mentors) == size


def test_the_totals_are_the_sums_over_the_batches(rule):
    organization = make_organization()
    for n in range(120):
        make_mentor(organization, idle_for=days(n))
    run = finish(start_run(now=NOW))
    rows = list(run.batches.values("user_count", "notifications_sent", "duration_ms"))
    assert run.status == Run.Status.SUCCESS
    assert run.users_evaluated == sum(row["user_count"] for row in rows) == 120
    assert run.notifications_dispatched == sum(row["notifications_sent"] for row in rows) == 106
    assert run.duration_ms == sum(row["duration_ms"] for row in rows)
    assert Decision.objects.filter(run_id=run.pk, outcome="pending").count() == 106


def test_the_totals_are_live_while_the_run_is_running(rule):
    for _ in range(60):
        make_mentor(idle_for=days(20))
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    run.refresh_from_db()
    assert (run.status, run.users_evaluated, run.notifications_dispatched) == ("running", 50, 50)


def test_very_many_mentors_are_cut_by_key_ranges_that_cover_each_once(monkeypatch, rule):
    monkeypatch.setattr("scheduler.splitting.EXACT_UP_TO", 10)
    organization = make_organization()
    mentors = [make_mentor(organization, idle_for=days(20)) for _ in range(130)]
    for mentor in mentors[20:25]:
        mentor.delete()
    run = finish(start_run(now=NOW))
    assert run.users_evaluated == 125
    assert Decision.objects.filter(run_id=run.pk).values("mentor").distinct().count() == 125


def test_a_run_without_anybody_closes_at_once():
    run = start_run(now=NOW)
    assert (run.status, run.batches_total, run.finished_at) == (Run.Status.SUCCESS, 0, NOW)


def test_nothing_is_cleared_before_the_last_batch_is_done(rule):
    for _ in range(60):
        make_mentor(idle_for=days(20))
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    assert not Clearance.objects.exists()
    work()
    assert set(Clearance.objects.values_list("run_id", "status")) == {(run.pk, "cleared")}
    assert Clearance.objects.count() == Decision.objects.values("organization").distinct().count()


def test_a_second_run_on_the_same_day_tells_nobody_again(rule):
    for _ in range(5):
        make_mentor(idle_for=days(20))
    assert finish(start_run(now=NOW)).notifications_dispatched == 5
    second = finish(start_run(now=NOW))
    assert (second.users_evaluated, second.notifications_dispatched) == (5, 0)
    assert set(Decision.objects.filter(run_id=second.pk).values_list("reason", flat=True)) == {"already_told"}


def test_a_batch_costs_the_same_statements_however_many_mentors_it_has(rule):
    in_force_kept(NOW)  # The rules are read by whoever asks first.
    counts = []
    for size in (5, 45):
        for _ in range(size):
            make_mentor(idle_for=days(20))
        start_run(now=NOW)
        with CaptureQueriesContext(connection) as statements:
            assert run_one_batch(now=NOW)
        counts.append(len(statements))
    assert counts[0] == counts[1]
