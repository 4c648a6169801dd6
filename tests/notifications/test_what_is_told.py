"""Which decisions are told, and which not yet, or not at all."""

from datetime import timedelta

import pytest

from notifications import outbox
from notifications.models import ChannelSetting, Notification, Variant
from scenarios.models import Clearance
from tests.factories import (
    NOW,
    days,
    make_human_contact,
    make_mentor,
    make_opt_out,
    make_organization,
    make_pause,
    make_rule,
    make_template,
)
from tests.notifications.telling import clear, make_decision, make_due, outcome_of

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def server(mail_server):
    return mail_server


def deliver(now=NOW) -> int:
    return outbox.deliver(now=now)


def test_tells_a_due_decision_and_settles_it(server):
    decision = make_due()
    assert deliver() == 1
    notification = decision.notification
    assert server.counts == {notification.message_id: 1}
    assert notification.status == "sent"
    assert notification.finished_at >= NOW
    assert notification.attempts == 1
    assert outcome_of(decision) == ("told", "")


def test_tells_nothing_twice(server):
    make_due()
    deliver()
    assert deliver() == 0
    assert deliver(NOW + days(1)) == 0
    assert server.counts.total() == 1


def test_waits_until_it_is_due(server):
    decision = make_due(scheduled_for=NOW + SECOND)
    assert outbox.prepare(now=NOW) == 0
    assert outbox.prepare(now=NOW + SECOND) == 1
    assert outcome_of(decision) == ("pending", "")


def test_waits_for_the_clearance_of_its_run(server):
    decision = make_due(run_id="run_1")
    assert deliver() == 0
    clear(decision)
    assert deliver() == 1


@pytest.mark.parametrize("status", ["held", "discarded", "expired"])
def test_tells_nothing_of_a_part_that_is_not_cleared(status, server):
    decision = make_due(run_id="run_1")
    clear(decision, status)
    assert deliver() == 0
    assert not server.mails
    assert outcome_of(decision) == ("pending", "")


def test_tells_what_was_released(server):
    clear(make_due(run_id="run_1"), Clearance.Status.RELEASED)
    assert deliver() == 1


def test_the_clearance_of_one_organization_or_run_says_nothing_of_another(server):
    decision = make_due(run_id="run_1")
    clear(make_due(run_id="run_1"))
    clear(make_due(decision.organization, run_id="run_2"))
    assert deliver() == 2
    assert outcome_of(decision) == ("pending", "")


def test_what_is_already_written_waits_while_its_part_is_held_and_goes_once_it_is_released(server):
    decision = make_due(run_id="run_1")
    clear(decision)
    outbox.prepare(now=NOW)
    part = Clearance.objects.filter(run_id="run_1")
    part.update(status=Clearance.Status.HELD, explanation="Unusually many.")
    assert deliver() == 0
    part.update(status=Clearance.Status.RELEASED, settled_at=NOW)
    assert deliver() == 1


def test_an_organization_that_is_switched_off_is_told_when_it_is_on_again(server):
    decision = make_due()
    organization = decision.organization
    organization.telling_enabled = False
    organization.save()
    assert deliver() == 0
    organization.telling_enabled = True
    organization.save()
    assert deliver() == 1


def test_switching_off_also_holds_back_what_is_already_written(server):
    decision = make_due()
    outbox.prepare(now=NOW)
    organization = decision.organization
    organization.telling_enabled = False
    organization.save()
    assert deliver() == 0
    assert decision.notification.status == "pending"


def pause(decision):
    make_pause(decision.mentor, starts_at=NOW - SECOND)


def opt_out(decision):
    make_opt_out(decision.mentor)


def talk(decision):
    make_human_contact(decision.mentor, contacted_at=NOW - SECOND)


def leave(decision):
    decision.mentor.left_at = decision.mentor.left_recorded_at = NOW - SECOND
    decision.mentor.save()


def disable_rule(decision):
    decision.rule.state = "off"
    decision.rule.save()


def remove_address(decision):
    decision.mentor.contact.email = ""
    decision.mentor.contact.save()


def remove_contact(decision):
    decision.mentor.contact.delete()


def close_channel(decision):
    ChannelSetting.objects.create(organization=decision.organization, channel="email", enabled=False)


REASONS_TO_KEEP_QUIET = pytest.mark.parametrize(
    ("happening", "reason"),
    [
        (pause, "mentor_paused"),
        (opt_out, "user_opted_out"),
        (talk, "human_contact"),
        (leave, "mentor_left"),
        (disable_rule, "rule_disabled"),
        (remove_address, "no_channel"),
        (remove_contact, "no_channel"),
        (close_channel, "no_channel"),
    ],
)


@REASONS_TO_KEEP_QUIET
def test_is_withdrawn_when_something_happened_since_it_was_decided(happening, reason, server):
    decision = make_due()
    happening(decision)
    assert deliver() == 1
    assert outcome_of(decision) == ("withdrawn", reason)
    assert not Notification.objects.exists()
    assert not server.mails


@REASONS_TO_KEEP_QUIET
def test_is_withdrawn_when_something_happened_since_it_was_written(happening, reason, server):
    decision = make_due()
    outbox.prepare(now=NOW)
    happening(decision)
    assert deliver() == 1
    assert outcome_of(decision) == ("withdrawn", reason)
    notification = Notification.objects.get()
    assert notification.status == "withdrawn"
    assert notification.last_error
    assert not server.mails


@REASONS_TO_KEEP_QUIET
def test_is_withdrawn_when_something_happened_before_a_second_try(happening, reason, server):
    decision = make_due(contact={"email": "kari@example.org"})
    server.answers["kari@example.org"] = ["451 Later"]
    deliver()
    happening(decision)
    deliver(NOW + timedelta(hours=1))
    assert outcome_of(decision) == ("withdrawn", reason)
    assert server.tries == ["kari@example.org"]


def test_what_was_withdrawn_elsewhere_is_not_sent(server):
    decision = make_due()
    outbox.prepare(now=NOW)
    decision.outcome, decision.outcome_reason, decision.settled_at = "withdrawn", "run_cancelled", NOW
    decision.save()
    deliver()
    assert outcome_of(decision) == ("withdrawn", "run_cancelled")
    assert Notification.objects.get().status == "withdrawn"
    assert not server.mails


def test_without_an_approved_wording_it_waits_and_can_be_seen(server):
    rule = make_rule()
    Variant.objects.update(state="draft", approved_at=None)
    decision = make_due(rule=rule)
    assert deliver() == 0
    assert outbox.wordless(now=NOW) == {rule.prompt_template_id: 1}
    assert outcome_of(decision) == ("pending", "")
    Variant.objects.update(state="approved", approved_at=NOW)
    assert deliver() == 1
    assert outbox.wordless(now=NOW) == {}


def test_a_decision_that_waits_for_words_keeps_no_other_waiting(server):
    wordless = make_rule(prompt_template=make_template())
    Variant.objects.update(state="draft", approved_at=None)
    make_due(rule=wordless)
    make_due()
    assert outbox.prepare(now=NOW, limit=1) == 1


def test_gives_up_waiting_for_words_after_a_week(server):
    rule = make_rule()
    Variant.objects.update(state="draft", approved_at=None)
    decision = make_due(rule=rule)
    outbox.prepare(now=NOW + days(7))
    assert outcome_of(decision) == ("pending", "")
    outbox.prepare(now=NOW + days(7) + SECOND)
    assert outcome_of(decision) == ("withdrawn", "stale")


def statements_of_preparing(django_assert_max_num_queries, number: int) -> int:
    organization, rule = make_organization(), make_rule()
    for _n in range(number):
        make_due(organization, rule=rule)
    pause(make_due(organization, rule=rule))
    make_decision(make_mentor(organization, idle_for=days(20)), rule)
    with django_assert_max_num_queries(1000) as statements:
        assert outbox.prepare(now=NOW) == number
    return len(statements)


def test_preparing_costs_the_same_statements_however_many_are_due(django_assert_max_num_queries):
    few = statements_of_preparing(django_assert_max_num_queries, 1)
    assert statements_of_preparing(django_assert_max_num_queries, 30) == few
