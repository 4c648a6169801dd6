"""How often, how long apart and until when a message is tried."""

from datetime import timedelta

import pytest

from notifications import outbox
from notifications.models import Notification
from tests.factories import NOW
from tests.notifications.telling import address_of, make_due, outcome_of

pytestmark = pytest.mark.django_db

LATER = "451 Later"


def test_the_pauses_grow_from_5_to_15_to_60_minutes_with_some_scatter(mail_server):
    mail_server.answers[address_of(make_due())] = [LATER]
    now, pauses = NOW, []
    for _try in range(5):
        outbox.deliver(now=now)
        due_at = Notification.objects.get().due_at
        pauses.append((due_at - now) / timedelta(minutes=1))
        now = due_at
    for pause, least in zip(pauses, [5, 15, 60, 60, 60], strict=True):
        assert least <= pause <= least * 1.25 + 1


def test_the_eighth_attempt_is_the_last(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = [LATER]
    for number in range(8):
        assert outcome_of(decision) == ("pending", "")
        outbox.deliver(now=NOW + number * timedelta(hours=2))
    assert len(mail_server.tries) == 8
    notification = Notification.objects.get()
    assert (notification.status, notification.attempts) == ("discarded", 8)
    assert "451" in notification.last_error
    assert outcome_of(decision) == ("told", "undeliverable")


def test_nothing_is_tried_24_hours_after_the_first_failure(mail_server):
    decision = make_due()
    mail_server.answers[address_of(decision)] = [LATER]
    outbox.deliver(now=NOW)
    give_up_at = Notification.objects.get().give_up_at
    outbox.deliver(now=NOW + timedelta(hours=1))
    assert len(mail_server.tries) == 2
    assert timedelta(0) <= give_up_at - NOW - timedelta(hours=24) < timedelta(minutes=1)
    outbox.deliver(now=give_up_at)
    assert len(mail_server.tries) == 2
    assert Notification.objects.get().status == "discarded"
    assert outcome_of(decision) == ("told", "undeliverable")


def test_just_before_that_it_is_still_tried(mail_server):
    mail_server.answers[address_of(make_due())] = [LATER]
    outbox.deliver(now=NOW)
    [taken] = outbox.claim(now=Notification.objects.get().give_up_at - timedelta(seconds=1))
    assert taken.status == "sending"
