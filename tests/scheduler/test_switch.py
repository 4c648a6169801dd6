"""The switch: off, nothing is told, and runs say that they were skipped."""

import pytest

from scenarios.models import Clearance, Decision, PeerMentor
from scenarios.operations import turn_messages
from scheduler.accounts import account_of
from scheduler.models import Run
from scheduler.operations import Conflict, append_batch, reconcile, run_one_batch, start_run
from scheduler.schedule import daily_schedule
from tests.factories import NOW, days, make_mentor, make_organization, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    make_rule("inactivity")
    organization = make_organization()
    for _ in range(60):
        make_mentor(organization, idle_for=days(20))
    return organization


def turn_off() -> None:
    turn_messages(on=False, why="The address list is wrong.", by="kari", now=NOW)


def switch_off(organization) -> None:
    organization.telling_enabled = False
    organization.save()


def work(run: Run) -> Run:
    while run_one_batch(now=NOW):
        pass
    run.refresh_from_db()
    return run


def test_a_run_while_messages_are_off_is_skipped_and_says_so(organization):
    turn_off()
    run = start_run(now=NOW)
    assert (run.status, run.error_message, run.finished_at) == ("skipped", "Messages were switched off.", NOW)
    assert not run_one_batch(now=NOW)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("notices", [run_one_batch, reconcile])
def test_turning_messages_off_in_the_middle_of_a_run_ends_it_and_withdraws_what_it_decided(organization, notices):
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    turn_off()
    notices(now=NOW)
    run.refresh_from_db()
    assert run.status == Run.Status.SKIPPED
    assert set(run.batches.values_list("status", flat=True)) == {"done", "cancelled"}
    outcomes = Decision.objects.values_list("outcome", "outcome_reason").distinct()
    assert set(outcomes) == {("withdrawn", "switched_off")}
    assert not Clearance.objects.exists()


def test_a_run_after_messages_are_on_again_tells_what_was_withdrawn(organization):
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    turn_off()
    reconcile(now=NOW)
    turn_messages(on=True, now=NOW)
    run = work(start_run(now=NOW))
    assert (run.status, run.notifications_dispatched) == (Run.Status.SUCCESS, 60)


def test_mentors_of_an_organization_that_is_switched_off_are_left_out(organization):
    other = make_mentor(idle_for=days(20))
    switch_off(organization)
    run = work(start_run(now=NOW))
    assert (run.status, run.users_evaluated) == (Run.Status.SUCCESS, 1)
    assert set(Decision.objects.values_list("mentor_id", flat=True)) == {other.pk}


def test_a_run_with_nobody_but_an_organization_that_is_switched_off_is_skipped(organization):
    switch_off(organization)
    assert start_run(now=NOW).status == Run.Status.SKIPPED


def test_an_organization_switched_off_in_the_middle_of_a_run_is_told_nothing_of_it(organization):
    other = make_mentor(idle_for=days(20))
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    switch_off(organization)
    assert work(run).status == Run.Status.SUCCESS
    outcomes = dict(Decision.objects.values_list("mentor_id", "outcome"))
    assert outcomes.pop(other.pk) == "pending"
    assert set(outcomes.values()) == {"withdrawn"}


def test_the_account_of_a_day_that_was_skipped_says_so(organization):
    turn_off()
    schedule = daily_schedule()
    run = start_run(now=NOW, schedule=schedule, slot_date=NOW.date())
    account = account_of(organization.mentors.first(), NOW.date(), NOW, now=NOW)
    assert account.not_weighed == f"Not weighed: the run was skipped. {run.error_message}"


def test_nothing_is_added_to_a_run_that_was_skipped(organization):
    """The brake might hold what is added, and once it was released the run would be called a success."""
    turn_off()
    run = start_run(now=NOW)
    turn_messages(on=True, by="kari", now=NOW)
    with pytest.raises(Conflict, match="skipped"):
        append_batch(run_id=run.pk, user_ids=list(PeerMentor.objects.values_list("user_id", flat=True)), now=NOW)
    assert not Decision.objects.exists()
    run.refresh_from_db()
    assert run.status == "skipped"


@pytest.mark.parametrize("turn", [lambda organization: turn_off(), switch_off], ids=["everybody", "one organisation"])
def test_named_mentors_are_left_out_while_messages_are_off(organization, turn):
    run = Run.objects.create(status="success", invoked_at=NOW, finished_at=NOW)
    turn(organization)
    appended = append_batch(run_id=run.pk, user_ids=[organization.mentors.first().user_id, "usr_nobody"], now=NOW)
    assert [(result.notified, result.reason) for result in appended.results] == [
        (False, "switched_off"),
        (False, "mentor_not_found"),
    ]
    assert (appended.batch.user_count, appended.batch.notifications_sent) == (0, 0)
    assert not Decision.objects.exists()
