"""What is changed while a run is running: it keeps to the rules of its start; what no longer holds is not told."""

from datetime import timedelta

import pytest

from notifications import outbox
from notifications.models import Notification
from scenarios.models import Decision
from scenarios.operations import save_rule
from scheduler.models import Run
from scheduler.operations import record_status, run_one_batch, start_run
from tests.factories import NOW, days, make_contact, make_mentor, make_organization, make_pause, make_rule

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def rule():
    return make_rule("inactivity")


@pytest.fixture
def mentors(rule):
    """Two batches of people whom the rule fires on; the second is still to be weighed when something is changed."""
    # All of them are told at once, which the brake would hold.
    organization = make_organization(brake_fewest=1000)
    mentors = [make_mentor(organization, idle_for=days(20)) for _ in range(60)]
    for mentor in mentors:
        make_contact(mentor)
    return mentors


@pytest.fixture
def halfway(mentors, mail_server) -> Run:
    run = start_run(now=NOW)
    assert run_one_batch(now=NOW)
    return run


def finish(run: Run) -> Run:
    while run_one_batch(now=NOW + MINUTE):
        pass
    run.refresh_from_db()
    return run


def tell() -> int:
    """Tell what is due; return how many heard something."""
    outbox.deliver(now=NOW + 2 * MINUTE)
    return Decision.objects.filter(outcome="told").count()


def outcomes() -> set[tuple[str, str]]:
    return set(Decision.objects.values_list("outcome", "outcome_reason"))


def why_not_told(mentor) -> str:
    """Return the gate's reason, or else why it was withdrawn."""
    decision = Decision.objects.get(mentor=mentor)
    return decision.reason or decision.outcome_reason


def test_all_batches_weigh_by_the_versions_of_the_runs_start(halfway, rule):
    rule.threshold_days = 15
    save_rule(rule, now=NOW + MINUTE)
    run = finish(halfway)
    assert run.notifications_dispatched == 60
    assert set(Decision.objects.values_list("rule_version__number", flat=True)) == {1}
    assert tell() == 60, "they are idle enough for the new version too"


def test_nobody_is_told_what_the_edited_rule_would_not_say_any_more(halfway, rule):
    rule.threshold_days = 30
    save_rule(rule, now=NOW + MINUTE)
    finish(halfway)
    assert tell() == 0
    assert outcomes() == {("withdrawn", "no_longer_true")}


def test_a_rule_that_is_turned_off_in_mid_run_tells_nobody(halfway, rule):
    rule.state = "off"
    save_rule(rule, now=NOW + MINUTE)
    assert finish(halfway).notifications_dispatched == 60
    assert tell() == 0
    assert outcomes() == {("withdrawn", "rule_disabled")}


@pytest.mark.parametrize("place", [0, 59], ids=["already weighed", "still to be weighed"])
def test_a_mentor_who_is_paused_in_mid_run_is_told_nothing(halfway, mentors, place):
    make_pause(mentors[place], starts_at=NOW + MINUTE / 2)
    finish(halfway)
    assert tell() == 59
    assert why_not_told(mentors[place]) == "mentor_paused"


@pytest.mark.parametrize("place", [0, 59], ids=["already weighed", "still to be weighed"])
def test_a_mentor_who_leaves_in_mid_run_is_told_nothing(halfway, mentors, place):
    mentors[place].left_at = mentors[place].left_recorded_at = NOW + MINUTE / 2
    mentors[place].save()
    finish(halfway)
    assert tell() == 59
    assert why_not_told(mentors[place]) == "mentor_left"


@pytest.mark.parametrize("place", [0, 59], ids=["already weighed", "still to be weighed"])
def test_a_mentor_who_is_erased_in_mid_run_is_told_nothing_and_the_others_are(halfway, mentors, place, mail_server):
    address = mentors[place].contact.email
    mentors[place].delete()
    assert finish(halfway).status == Run.Status.SUCCESS
    assert tell() == 59
    assert address not in mail_server.tries


def test_a_mentor_who_is_erased_while_their_message_is_in_hand_is_told_nothing(halfway, mentors, mail_server):
    finish(halfway)
    outbox.prepare(now=NOW + MINUTE)
    (first, *_rest) = outbox.claim(now=NOW + MINUTE)
    address = first.mentor.contact.email
    first.mentor.delete()
    outbox.send([first], clock=lambda: NOW + MINUTE, stopping=lambda: False)
    assert address not in mail_server.tries
    assert not Notification.objects.filter(pk=first.pk).exists()


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_run_that_is_stopped_in_mid_run_tells_nobody(halfway, status):
    record_status(run_id=halfway.pk, status=status, now=NOW + MINUTE)
    assert finish(halfway).status == status
    assert tell() == 0
    assert outcomes() == {("withdrawn", "run_cancelled")}
