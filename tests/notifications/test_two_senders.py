"""Senders that meet: each message is taken by one of them, and goes out once."""

from collections import Counter
from threading import Barrier

import pytest
from django.db import transaction

from notifications import outbox
from notifications.models import Notification
from notifications.outbox import preparing, recording
from scenarios.models import Decision
from tests.factories import NOW, make_organization, make_rule
from tests.notifications.processes import at_once
from tests.notifications.telling import let_leases_run_out, make_due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def due(mail_server):
    organization, rule = make_organization(), make_rule()
    return [make_due(organization, rule=rule) for _n in range(60)]


def test_two_that_deliver_at_once_send_each_message_once(due, mail_server):
    starting = Barrier(2, timeout=60)

    def deliver():
        starting.wait(30)
        outbox.deliver(now=NOW)

    at_once(deliver)
    assert len(mail_server.counts) == len(due)
    assert set(mail_server.counts.values()) == {1}
    assert Counter(Notification.objects.values_list("status", flat=True)) == {"sent": len(due)}


def test_two_that_prepare_at_once_write_each_message_once(due):
    starting = Barrier(2, timeout=60)

    def prepare():
        starting.wait(30)
        outbox.prepare(now=NOW)

    at_once(prepare)
    assert Notification.objects.count() == len(due)


def test_one_does_not_wait_for_what_another_is_just_preparing(due):
    with transaction.atomic():
        list(Decision.objects.order_by("id").select_for_update(no_key=True)[:20])
        at_once(lambda: outbox.prepare(now=NOW), number=1)
        assert Notification.objects.count() == 40


def test_a_message_that_another_has_written_in_between_is_left_as_it_is(due, monkeypatch):
    sort = preparing._sort

    def be_overtaken(*what):
        messages, reasons = sort(*what)
        theirs, _reasons = sort(*what)
        at_once(lambda: Notification.objects.bulk_create(theirs[:20]), number=1)
        return messages, reasons

    monkeypatch.setattr(preparing, "_sort", be_overtaken)
    outbox.prepare(now=NOW)
    assert Notification.objects.count() == len(due)


def test_two_that_claim_at_once_hold_different_messages(due):
    outbox.prepare(now=NOW)
    starting, claimed = Barrier(2, timeout=60), []

    def claim():
        starting.wait(30)
        claimed.append({notification.pk for notification in outbox.claim(now=NOW, limit=20)})

    at_once(claim)
    first, second = claimed
    assert len(first) == len(second) == 20
    assert not first & second


def test_one_does_not_wait_for_what_another_has_just_locked(due):
    outbox.prepare(now=NOW)
    with transaction.atomic():
        locked = list(Notification.objects.order_by("due_at", "id").select_for_update()[:20])
        claimed = []
        at_once(lambda: claimed.extend(outbox.claim(now=NOW, limit=20)), number=1)
    assert not {row.pk for row in locked} & {row.pk for row in claimed}
    assert len(claimed) == 20


def test_who_has_lost_a_message_can_neither_send_it_nor_say_what_became_of_it(due):
    outbox.prepare(now=NOW)
    [first] = outbox.claim(now=NOW, limit=1)
    let_leases_run_out()
    assert outbox.reclaim(now=NOW) == 1
    [second] = [row for row in outbox.claim(now=NOW, limit=60) if row.pk == first.pk]
    assert not recording.start(first, now=NOW)
    assert not recording.sent(first, now=NOW)
    assert recording.start(second, now=NOW)
    assert recording.sent(second, now=NOW)
