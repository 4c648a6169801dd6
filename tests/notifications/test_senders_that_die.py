"""Real senders, killed or frozen while a mail server has their message."""

import signal
from collections import Counter

import pytest
from django.utils import timezone

from notifications import outbox
from notifications.models import Notification
from tests.eventually import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def all_are_sent() -> bool:
    """Deliver as the tick makes another sender do, and look."""
    outbox.deliver(now=timezone.now())
    return set(Notification.objects.values_list("status", flat=True)) == {"sent"}


def each_once_but(message_id: str) -> dict[str, int]:
    return {
        known: 2 if known == message_id else 1 for known in Notification.objects.values_list("message_id", flat=True)
    }


def in_hand() -> str:
    return Notification.objects.get(send_started_at__isnull=False).message_id


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_what_a_killed_sender_had_in_hand_is_told_and_only_the_one_at_the_mail_server_twice(
    busy_worker, mail_server, pool
):
    worker = busy_worker(5, pool)
    first = in_hand()
    worker.kill()
    mail_server.may_answer.set()
    eventually(all_are_sent, "another sender has told all")
    assert mail_server.counts == each_once_but(first)
    assert Counter(Notification.objects.values_list("crashes", "attempts")) == {(0, 1): 4, (1, 2): 1}


def test_a_frozen_sender_is_done_without_and_says_nothing_when_it_thaws(busy_worker, mail_server):
    worker = busy_worker(5)
    first = in_hand()
    worker.send(signal.SIGSTOP)
    mail_server.may_answer.set()
    eventually(all_are_sent, "another sender has told all")
    recorded = list(Notification.objects.order_by("id").values())
    worker.send(signal.SIGCONT)
    worker.wait_for_line("was taken over while it was being sent")
    assert worker.stop() == 0
    assert mail_server.counts == each_once_but(first)
    assert list(Notification.objects.order_by("id").values()) == recorded
