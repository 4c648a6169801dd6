"""A sender that is asked to stop finishes the message in hand and gives the others back."""

import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import outbox, tasks
from notifications.models import Notification
from tests.factories import NOW
from tests.notifications.mailserver import PATIENCE
from tests.notifications.telling import make_due, make_due_now

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> list[str]:
    return list(Notification.objects.order_by("id").values_list("status", flat=True))


def test_what_was_claimed_and_not_begun_is_due_again(mail_server):
    for _n in range(3):
        make_due()
    assert outbox.deliver(now=NOW, stopping=lambda: bool(mail_server.mails)) == 1
    assert states() == ["sent", "pending", "pending"]
    assert outbox.deliver(now=NOW + timedelta(hours=1)) == 2


def test_whoever_must_stop_before_it_begins_claims_nothing(mail_server):
    make_due()
    assert outbox.deliver(now=NOW, stopping=lambda: True) == 0
    assert states() == []


def test_an_interrupted_sender_gives_back_what_it_has_not_begun(mail_server, monkeypatch):
    for _n in range(3):
        make_due()

    def interrupt(*_what):
        raise KeyboardInterrupt

    monkeypatch.setattr("notifications.outbox.sending._hand_over", interrupt)
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(now=NOW)
    assert states() == ["sending", "pending", "pending"]


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_sigterm_lets_a_worker_finish_the_message_in_hand(pool, mail_server, celery_worker_process):
    decisions = [make_due_now() for _n in range(5)]
    mail_server.may_answer.clear()
    worker = celery_worker_process(pool=pool, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(mail_server.port))
    tasks.ring_now()
    assert mail_server.took_one.wait(PATIENCE)
    worker.send(signal.SIGTERM)
    worker.wait_for_line("Warm shutdown")
    mail_server.may_answer.set()
    assert worker.process.wait(PATIENCE) == 0
    assert states()[0] == "sent"
    assert set(states()[1:]) == {"pending"}
    outbox.deliver(now=timezone.now())
    assert len(mail_server.counts) == len(decisions)
    assert set(mail_server.counts.values()) == {1}
