"""A sender that dies: nothing is lost, and only what may have arrived goes out again, under the same Message-ID."""

import os
from datetime import timedelta

import pytest
from django.db import connection

from notifications import outbox
from notifications.models import Notification
from notifications.outbox import recording, sending
from tests.factories import NOW
from tests.notifications.processes import in_another_process
from tests.notifications.telling import let_leases_run_out, make_due, outcome_of

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
DIED = 9


def die(*_args, **_kwargs):
    os._exit(DIED)


def die_delivering(now) -> None:
    assert in_another_process(lambda: outbox.deliver(now=now)) == DIED


def test_dying_after_the_server_took_it_repeats_it_once_under_the_same_id(mail_server, monkeypatch):
    decision = make_due()
    with monkeypatch.context() as patched:
        patched.setattr(sending, "_record", die)
        die_delivering(NOW)
    notification = Notification.objects.get()
    assert notification.status == "sending"
    assert mail_server.counts == {notification.message_id: 1}

    assert outbox.deliver(now=NOW) == 0, "its lease still holds"
    let_leases_run_out()
    outbox.deliver(now=NOW + HOUR)
    assert mail_server.counts == {notification.message_id: 2}
    assert Notification.objects.get().status == "sent"
    assert outcome_of(decision) == ("told", "")
    assert outbox.deliver(now=NOW + 30 * HOUR) == 0


def test_dying_before_it_was_begun_repeats_nothing(mail_server, monkeypatch):
    decisions = [make_due() for _n in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(recording, "start", die)
        die_delivering(NOW)
    let_leases_run_out()
    assert outbox.deliver(now=NOW + HOUR) == 3
    assert set(mail_server.counts.values()) == {1}
    assert [outcome_of(decision) for decision in decisions] == [("told", "")] * 3
    assert set(Notification.objects.values_list("crashes", "attempts")) == {(0, 1)}


def test_dying_in_the_middle_touches_only_the_message_in_hand(mail_server, monkeypatch):
    decisions = [make_due() for _n in range(5)]
    outbox.prepare(now=NOW)
    ids = list(Notification.objects.order_by("id").values_list("message_id", flat=True))
    record = sending._record

    def die_at_the_third(notification, *what):
        if notification.message_id == ids[2]:
            die()
        record(notification, *what)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_record", die_at_the_third)
        die_delivering(NOW)
    assert list(mail_server.counts) == ids[:3]
    let_leases_run_out()
    outbox.deliver(now=NOW + HOUR)
    assert mail_server.counts == {message_id: 2 if message_id == ids[2] else 1 for message_id in ids}
    assert [outcome_of(decision) for decision in decisions] == [("told", "")] * 5


def test_a_message_that_brings_every_sender_down_takes_no_other_with_it_and_is_given_up(mail_server, monkeypatch):
    poison = make_due()
    outbox.prepare(now=NOW)
    others = [make_due() for _n in range(3)]
    hand_over = sending._hand_over

    def die_of_poison(notification, *what):
        if notification.decision_id == poison.pk:
            die()
        return hand_over(notification, *what)

    monkeypatch.setattr(sending, "_hand_over", die_of_poison)
    outbox.prepare(now=NOW)
    die_delivering(NOW)
    # Taken first, it has brought down a sender with all of them in hand. From now on it is taken alone and last.
    for hours in (1, 2):
        let_leases_run_out()
        die_delivering(NOW + hours * HOUR)
        assert [outcome_of(decision) for decision in others] == [("told", "")] * 3
    let_leases_run_out()
    outbox.deliver(now=NOW + 3 * HOUR)
    assert Notification.objects.get(decision=poison).status == "discarded"
    assert outcome_of(poison) == ("told", "undeliverable")
    assert outbox.deliver(now=NOW + 7 * HOUR) == 0
    assert set(mail_server.counts.values()) == {1}


def test_a_message_that_brought_a_sender_down_is_taken_alone_and_last(mail_server):
    for _n in range(4):
        make_due()
    outbox.prepare(now=NOW)
    fallen = list(Notification.objects.order_by("id")[:2])
    Notification.objects.filter(pk__in=[row.pk for row in fallen]).update(crashes=1)
    taken = [[row.pk for row in outbox.claim(now=NOW)] for _round in range(4)]
    assert len(taken[0]) == 2
    assert taken[1:] == [[fallen[0].pk], [fallen[1].pk], []]


def test_postgresql_that_is_away_for_a_moment_forgets_no_message(mail_server, monkeypatch):
    make_due()
    monkeypatch.setattr("notifications.outbox.patience.PAUSES", (0,))
    record = sending._record

    def lose_the_connection_once(*what):
        monkeypatch.setattr(sending, "_record", record)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(sending, "_record", lose_the_connection_once)
    assert outbox.deliver(now=NOW) == 1
    assert Notification.objects.get().status == "sent"
