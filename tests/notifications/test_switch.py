"""The switch for everybody: off, nothing leaves the house, not even what was already written."""

import pytest

from notifications import outbox
from scenarios.operations import turn_messages
from tests.factories import NOW
from tests.notifications.telling import make_due, outcome_of

pytestmark = pytest.mark.django_db


def turn_off() -> None:
    turn_messages(on=False, why="The address list is wrong.", by="kari", now=NOW)


def test_nothing_is_told_while_messages_are_off_and_everything_once_they_are_on(mail_server):
    decision = make_due()
    turn_off()
    assert outbox.deliver(now=NOW) == 0
    assert outcome_of(decision) == ("pending", "")
    turn_messages(on=True, now=NOW)
    assert outbox.deliver(now=NOW) == 1


def test_what_is_already_written_is_not_taken_in_hand(mail_server):
    decision = make_due()
    outbox.prepare(now=NOW)
    turn_off()
    assert outbox.claim(now=NOW) == []
    assert outbox.deliver(now=NOW) == 0
    assert not mail_server.mails
    assert decision.notification.status == "pending"
