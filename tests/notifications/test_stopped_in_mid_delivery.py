"""Somebody says stop while a slow mail server has one message and the sender some more: those stay in the house."""

import pytest

from notifications import outbox
from notifications.models import Notification
from notifications.outbox import recording
from scenarios.models import Clearance, Decision, Organization
from scenarios.operations import discard, turn_messages
from tests.factories import NOW, days, make_organization
from tests.notifications.mailserver import PATIENCE
from tests.notifications.telling import clear, let_leases_run_out, make_due, outcome_of
from tests.notifications.test_leases import delivering

RUN = "run_of_several"


def turn_all_off() -> None:
    turn_messages(on=False, why="The address list is wrong.", by="kari", now=NOW)


def turn_the_organization_off() -> None:
    Organization.objects.update(telling_enabled=False)


def hold_the_part() -> None:
    Clearance.objects.update(status=Clearance.Status.HELD, explanation="Unusually many.")


def hold_and_discard_the_part() -> None:
    hold_the_part()
    discard(Clearance.objects.get().pk, by="kari", now=NOW)


def make_cleared(number: int) -> list[Decision]:
    organization = make_organization()
    decisions = [make_due(organization, run_id=RUN) for _n in range(number)]
    clear(decisions[0])
    return decisions


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("stop", "left"),
    [
        (turn_all_off, ("pending", "pending")),
        (turn_the_organization_off, ("pending", "pending")),
        (hold_the_part, ("pending", "pending")),
        (hold_and_discard_the_part, ("withdrawn", "withdrawn")),
    ],
)
def test_after_a_stop_nothing_leaves_but_what_the_mail_server_has_already(mail_server, settings, stop, left):
    settings.EMAIL_TIMEOUT = PATIENCE
    make_cleared(3)
    mail_server.may_answer.clear()
    with delivering():
        assert mail_server.took_one.wait(PATIENCE)
        stop()
        mail_server.may_answer.set()
    assert list(mail_server.counts.values()) == [1]
    became = Notification.objects.order_by("send_started_at").values_list("status", "decision__outcome")
    assert sorted(became) == sorted([("sent", "told"), left, left])


@pytest.mark.django_db
def test_what_may_have_arrived_counts_as_told_although_its_part_was_discarded_meanwhile(mail_server):
    [decision] = make_cleared(1)
    outbox.prepare(now=NOW)
    [in_hand] = outbox.claim(now=NOW)
    assert recording.start(in_hand, now=NOW)
    let_leases_run_out()
    outbox.reclaim(now=NOW)
    hold_and_discard_the_part()
    outbox.deliver(now=NOW + days(0.1))
    assert outcome_of(decision) == ("told", "undeliverable")


@pytest.mark.django_db
def test_what_was_decided_anew_stands_although_the_withdrawn_message_arrived_after_all(mail_server):
    [decision] = make_cleared(1)
    outbox.prepare(now=NOW)
    [in_hand] = outbox.claim(now=NOW)
    assert recording.start(in_hand, now=NOW)
    hold_and_discard_the_part()
    decision.refresh_from_db()
    again = Decision.objects.get(pk=decision.pk)
    again.pk, again.outcome, again.outcome_reason, again.settled_at = None, Decision.Outcome.PENDING, "", None
    again.save()
    assert recording.sent(in_hand, now=NOW)
    assert outcome_of(decision) == ("withdrawn", "held")
    assert outcome_of(again) == ("pending", "")


@pytest.mark.django_db
def test_a_clock_that_was_ahead_when_a_message_was_written_stops_nobody_later(mail_server):
    """A sender with that clock died at it, so that it is due at once by the clock that was put right."""
    ahead = NOW + days(1 / 24)
    make_due(decided_at=ahead)
    outbox.prepare(now=ahead)
    [in_hand] = outbox.claim(now=ahead)
    recording.start(in_hand, now=ahead)
    let_leases_run_out()
    outbox.reclaim(now=NOW)
    other = make_due()
    outbox.deliver(now=NOW)
    assert outcome_of(other) == ("told", "")
    assert set(Notification.objects.values_list("status", flat=True)) == {"sent"}
