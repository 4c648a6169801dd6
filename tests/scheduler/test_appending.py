"""A batch of named mentors: one result for each, appended to the run, evaluated at once."""

import pytest

from scenarios.models import Clearance, Decision
from scheduler.models import Run
from scheduler.operations import Conflict, RunNotFound, append_batch, record_status, run_one_batch, start_run
from tests.factories import NOW, days, make_certification, make_mentor, make_pause, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return Run.objects.create(status="success", invoked_at=NOW - days(1), finished_at=NOW - days(1))


@pytest.fixture(autouse=True)
def rule():
    return make_rule("inactivity")


def append(run, *mentors):
    return append_batch(run_id=run.pk, user_ids=[getattr(m, "user_id", m) for m in mentors], now=NOW)


def test_each_distinct_id_has_one_result_in_the_order_asked(run):
    idle, busy = make_mentor(idle_for=days(20)), make_mentor(idle_for=days(1))
    appended = append(run, busy, "usr_nobody", idle, busy)
    assert [(r.user_id, r.trigger_type, r.notified, r.reason) for r in appended.results] == [
        (busy.user_id, None, False, "no_scenario_triggered"),
        ("usr_nobody", None, False, "mentor_not_found"),
        (idle.user_id, "inactivity", True, ""),
    ]
    assert (appended.batch.user_count, appended.batch.notifications_sent) == (2, 1)


def test_who_left_or_is_paused_gets_the_reason(run):
    left = make_mentor(idle_for=days(1), left_at=NOW - days(2))
    paused = make_mentor(idle_for=days(1))
    idle_and_paused = make_mentor(idle_for=days(30))
    for mentor in (paused, idle_and_paused):
        make_pause(mentor, starts_at=NOW - days(2))
    results = append(run, left, paused, idle_and_paused).results
    assert [(r.trigger_type, r.reason) for r in results] == [
        (None, "mentor_left"),
        (None, "mentor_paused"),
        ("inactivity", "mentor_paused"),
    ]


def test_the_winner_is_reported_or_else_the_first_that_was_held_back(run):
    make_rule("certification_expiry", priority=1)
    mentor = make_mentor(idle_for=days(20))
    make_certification(mentor, expires_at=NOW + days(5))
    found = [append(run, mentor).results[0] for _ in range(3)]
    assert [(result.trigger_type, result.notified, result.reason) for result in found] == [
        ("certification_expiry", True, ""),
        ("certification_expiry", False, "already_told"),
        ("certification_expiry", False, "already_told"),
    ]


def test_the_batch_takes_the_next_index_and_adds_to_the_totals(run):
    mentors = [make_mentor(idle_for=days(20)) for _ in range(3)]
    assert [append(run, mentor).batch.index for mentor in mentors] == [0, 1, 2]
    run.refresh_from_db()
    assert (run.users_evaluated, run.notifications_dispatched, run.batches_total, run.batches_done) == (3, 3, 3, 3)
    assert run.status == "success"


def test_on_a_finished_run_it_is_cleared_at_once(run):
    mentor = make_mentor(idle_for=days(20))
    append(run, mentor)
    assert Clearance.objects.get().organization == mentor.organization


def test_on_a_running_run_it_waits_for_the_runs_end():
    mentors = [make_mentor(idle_for=days(20)) for _ in range(3)]
    running = start_run(now=NOW)
    append(running, mentors[0])
    assert not Clearance.objects.exists()
    run_one_batch(now=NOW)
    running.refresh_from_db()
    assert (running.status, running.users_evaluated, running.notifications_dispatched) == ("success", 4, 3)
    assert Clearance.objects.count() == 3


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_nothing_is_added_to_a_run_that_was_stopped(run, status):
    record_status(run_id=run.pk, status=status, now=NOW)
    with pytest.raises(Conflict):
        append(run, make_mentor(idle_for=days(20)))
    assert not Decision.objects.exists()


def test_an_unknown_run_is_not_found():
    with pytest.raises(RunNotFound):
        append_batch(run_id="run_nowhere", user_ids=["usr_1"], now=NOW)
