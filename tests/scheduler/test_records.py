"""Correcting, stopping and hiding a run."""

import pytest

from scenarios.models import Clearance, Decision
from scheduler.models import Run
from scheduler.operations import KEEP, Conflict, RunNotFound, hide_run, record_status, run_one_batch, start_run
from tests.factories import NOW, days, make_mentor, make_rule

pytestmark = pytest.mark.django_db
LATER = NOW + days(1)


@pytest.fixture
def running():
    """A run of two batches with one of them done."""
    make_rule("inactivity")
    for _ in range(60):
        make_mentor(idle_for=days(20))
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    return run


@pytest.fixture
def finished(running):
    run_one_batch(now=NOW)
    return Run.objects.get(status="success")


def set_status(run, status=None, error_message=KEEP):
    return record_status(run_id=run.pk, status=status, error_message=error_message, now=LATER)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_stopping_a_running_run_cancels_and_withdraws_what_is_not_told(running, status):
    set_status(running, status, "stopped by hand")
    assert not run_one_batch(now=LATER)
    running.refresh_from_db()
    assert (running.status, running.error_message, running.finished_at) == (status, "stopped by hand", LATER)
    assert set(running.batches.values_list("status", flat=True)) == {"done", "cancelled"}
    assert set(Decision.objects.values_list("outcome", "outcome_reason")) == {("withdrawn", "run_cancelled")}
    assert not Clearance.objects.exists()


def test_the_occasion_of_a_stopped_run_is_free_again(running):
    set_status(running, "cancelled")
    again = start_run(now=NOW)
    while run_one_batch(now=NOW):
        pass
    again.refresh_from_db()
    assert again.notifications_dispatched == 60


def test_a_run_with_waiting_batches_cannot_be_called_a_success(running):
    with pytest.raises(Conflict):
        set_status(running, "success")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_correcting_a_finished_run_touches_no_decision(finished, status):
    set_status(finished, status, "looked wrong")
    assert set(Decision.objects.values_list("outcome", flat=True)) == {"pending"}
    assert Clearance.objects.exists()
    finished.refresh_from_db()
    assert (finished.status, finished.finished_at) == (status, NOW)


def test_nothing_goes_back_to_running(finished):
    with pytest.raises(Conflict):
        set_status(finished, "running")


def test_the_same_status_again_changes_nothing(finished):
    before = Run.objects.filter(pk=finished.pk).values().get()
    set_status(finished, "success")
    assert Run.objects.filter(pk=finished.pk).values().get() == before


def test_the_error_message_alone_can_be_set_and_taken_away(finished):
    assert set_status(finished, error_message="mail was slow").error_message == "mail was slow"
    assert set_status(finished, error_message=None).error_message is None


def test_deleting_hides_the_record_and_keeps_the_decisions(finished):
    hide_run(run_id=finished.pk, now=LATER)
    assert Decision.objects.filter(run_id=finished.pk, outcome="pending").count() == 60
    for verb in (lambda: hide_run(run_id=finished.pk, now=LATER), lambda: set_status(finished, "failed")):
        with pytest.raises(RunNotFound):
            verb()


def test_a_running_run_cannot_be_deleted(running):
    with pytest.raises(Conflict):
        hide_run(run_id=running.pk, now=LATER)
