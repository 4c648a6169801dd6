"""What each answer of a mail server, and each way of not answering, does to a message."""

from datetime import timedelta

import pytest

from notifications import outbox
from notifications.models import ChannelSetting, Notification
from scenarios.models import Decision
from tests.factories import NOW, make_organization
from tests.notifications.mailserver import HANGS_UP_AFTER_DATA, HANGS_UP_BEFORE_DATA, OK
from tests.notifications.telling import address_of, make_due, outcome_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def deliver(now=NOW) -> int:
    return outbox.deliver(now=now)


def notification_of(decision: Decision) -> Notification:
    return Notification.objects.get(decision=decision)


def test_a_mail_says_who_writes_to_whom(mail_server):
    organization = make_organization(name="Heart and Lung")
    make_due(organization, contact={"name": "Kåre Ødegård", "email": "kare@example.org"})
    deliver()
    [mail] = mail_server.mails
    assert mail["To"] == "Kåre Ødegård <kare@example.org>"
    assert mail["From"] == "Heart and Lung <peerwell@example.org>"
    assert mail["Reply-To"] is None
    assert mail["Subject"] == "Hello Kåre"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "Dear Kåre, it has been 20 days."
    assert mail["Message-ID"].endswith("@example.org>")


def test_an_organization_chooses_the_senders_name_and_where_answers_go(mail_server):
    decision = make_due()
    ChannelSetting.objects.create(
        organization=decision.organization, channel="email", sender_name="Anne", reply_to="anne@example.org"
    )
    deliver()
    [mail] = mail_server.mails
    assert mail["From"] == "Anne <peerwell@example.org>"
    assert mail["Reply-To"] == "anne@example.org"


def test_the_messages_of_one_round_share_a_connection(mail_server):
    for _n in range(5):
        make_due()
    assert deliver() == 5
    assert mail_server.counts.total() == 5
    assert mail_server.connections == 1


def test_451_means_later(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = ["451 Greylisted, try later", OK]
    assert deliver() == 1
    notification = notification_of(decision)
    assert notification.status == "failed"
    assert notification.attempts == 1
    assert notification.crashes == 0
    assert NOW + timedelta(minutes=5) <= notification.due_at <= NOW + timedelta(minutes=7)
    assert outcome_of(decision) == ("pending", "")
    assert deliver() == 0
    assert deliver(NOW + HOUR) == 1
    assert notification_of(decision).status == "sent"
    assert outcome_of(decision) == ("told", "")
    assert set(mail_server.counts.values()) == {1}


def test_550_means_never_and_counts_as_told(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = ["550 No such user"]
    deliver()
    notification = notification_of(decision)
    assert notification.status == "discarded"
    assert "550" in notification.last_error
    assert outcome_of(decision) == ("told", "undeliverable")
    assert deliver(NOW + HOUR) == 0
    assert len(mail_server.tries) == 1


@pytest.mark.parametrize("answer", ["451 Later", "550 Never", HANGS_UP_BEFORE_DATA, HANGS_UP_AFTER_DATA])
def test_what_happens_to_one_message_happens_to_no_other(answer, mail_server):
    decisions = [make_due() for _n in range(3)]
    mail_server.answers[address_of(decisions[1])] = [answer]
    assert deliver() == 3
    assert [notification_of(decision).status == "sent" for decision in decisions] == [True, False, True]


def test_a_server_that_hangs_up_before_the_text_gets_it_later(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = [HANGS_UP_BEFORE_DATA, OK]
    deliver()
    assert notification_of(decision).status == "failed"
    deliver(NOW + HOUR)
    assert mail_server.counts == {notification_of(decision).message_id: 1}
    assert outcome_of(decision) == ("told", "")


def test_a_server_that_hangs_up_after_the_text_gets_it_once_more_under_the_same_id(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = [HANGS_UP_AFTER_DATA, OK]
    deliver()
    deliver(NOW + HOUR)
    assert mail_server.counts == {notification_of(decision).message_id: 2}
    assert notification_of(decision).status == "sent"


def test_after_three_tries_without_an_answer_nobody_is_written_to_again(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = [HANGS_UP_AFTER_DATA]
    for hours in range(6):
        deliver(NOW + hours * HOUR)
    assert mail_server.counts == {notification_of(decision).message_id: 3}
    assert notification_of(decision).status == "discarded"
    assert outcome_of(decision) == ("told", "undeliverable")


def test_what_may_have_arrived_counts_as_told_even_if_it_must_not_be_sent_again(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = [HANGS_UP_AFTER_DATA]
    deliver()
    decision.rule.state = "off"
    decision.rule.save()
    deliver(NOW + HOUR)
    assert notification_of(decision).status == "discarded"
    assert outcome_of(decision) == ("told", "undeliverable")
    assert mail_server.counts.total() == 1


# Nothing is locked outside of a transaction: in the one around most tests that would go unnoticed.
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_costs_no_message_an_attempt(mail_server, settings):
    decisions = [make_due() for _n in range(30)]
    mail_server.stop()
    deliver()
    waiting = Notification.objects.all()
    assert {(row.status, row.attempts, row.crashes) for row in waiting} == {("failed", 0, 0)}
    assert {row.due_at > NOW for row in waiting} == {True}
    assert deliver() == 0
    mail_server.start()
    settings.EMAIL_PORT = mail_server.port
    assert deliver(NOW + HOUR) == len(decisions)
    assert mail_server.counts.total() == len(decisions)


@pytest.mark.django_db(transaction=True)
def test_a_server_that_was_away_for_a_day_leaves_nobody_told(mail_server):
    decision = make_due()
    mail_server.stop()
    deliver()
    deliver(NOW + timedelta(hours=25))
    assert notification_of(decision).status == "withdrawn"
    assert outcome_of(decision) == ("withdrawn", "stale")


@pytest.mark.django_db(transaction=True)
def test_a_server_that_wants_no_more_is_left_alone_for_a_while(mail_server):
    decisions = [make_due() for _n in range(3)]
    mail_server.answers[address_of(decisions[0])] = ["421 Too many messages", OK]
    deliver()
    assert len(mail_server.tries) == 1
    assert [notification_of(decision).status for decision in decisions] == ["failed"] * 3
    assert [notification_of(decision).attempts for decision in decisions] == [1, 0, 0]
    # The one that met the refusal waits longer, so it can't keep the others waiting for ever.
    deliver(NOW + timedelta(minutes=2))
    assert [notification_of(decision).status for decision in decisions] == ["failed", "sent", "sent"]


def test_a_server_that_refuses_us_refuses_no_mentor(mail_server):
    decisions = [make_due() for _n in range(2)]
    mail_server.sender_answer = "550 Not from you"
    deliver()
    assert [notification_of(decision).status for decision in decisions] == ["failed"] * 2
    mail_server.sender_answer = OK
    deliver(NOW + HOUR)
    assert [notification_of(decision).status for decision in decisions] == ["sent"] * 2


def test_an_address_that_cannot_be_written_down_is_given_up(mail_server):
    decision = make_due(contact={"email": "kari@exa mple@example.org"})
    other = make_due()
    deliver()
    assert notification_of(decision).status == "discarded"
    assert notification_of(other).status == "sent"
