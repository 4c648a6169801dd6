"""How long a silent sender is believed to be alive: as long as it may live, and some seconds after its death."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from notifications import outbox
from notifications.models import Notification
from notifications.outbox import leases, recording
from tests.eventually import eventually
from tests.factories import NOW, days
from tests.notifications.mailserver import PATIENCE
from tests.notifications.telling import make_due

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = NOW - days(365)


@pytest.fixture
def in_hand(mail_server):
    """A message that a sender has taken and not begun."""
    make_due()
    outbox.prepare(now=NOW)
    [taken] = outbox.claim(now=NOW)
    return taken


def let_it_run_out() -> None:
    Notification.objects.update(lease_until=LONG_AGO)


def lease_until() -> datetime:
    until = Notification.objects.filter(status="sending").latest("lease_until").lease_until
    assert until
    return until


def several_leases_later(start: datetime) -> bool:
    """Look for what others have lost, as any other sender does meanwhile."""
    assert outbox.reclaim(now=NOW) == 0, "taken from a sender that is alive"
    return lease_until() > start + 2 * leases.LENGTH + leases.NOTICE


@contextmanager
def delivering():
    """Deliver in another thread, as far as the mail server lets it."""

    def deliver():
        try:
            outbox.deliver(now=NOW)
        finally:
            connection.close()

    sender = Thread(target=deliver)
    sender.start()
    yield
    sender.join(PATIENCE)
    assert not sender.is_alive()


def test_a_sender_that_is_silent_gets_notice_before_it_loses_what_it_has(in_hand):
    let_it_run_out()
    assert outbox.reclaim(now=NOW) == 0
    assert outbox.reclaim(now=NOW) == 0, "the notice holds for a moment"
    let_it_run_out()
    assert outbox.reclaim(now=NOW) == 1
    assert Notification.objects.get().status == "pending"


def test_a_sender_that_answers_the_notice_keeps_what_it_has(in_hand):
    let_it_run_out()
    outbox.reclaim(now=NOW)
    assert leases.renew(in_hand.lease_token) == 1
    let_it_run_out()
    assert outbox.reclaim(now=NOW) == 0, "it is owed a notice again"


def test_a_message_that_is_begun_is_held_for_as_long_as_one_just_taken(in_hand):
    let_it_run_out()
    outbox.reclaim(now=NOW)
    assert recording.start(in_hand, now=NOW)
    let_it_run_out()
    assert outbox.reclaim(now=NOW) == 0, "it is owed a notice again"


def test_who_has_lost_a_message_cannot_renew_its_lease(in_hand):
    let_it_run_out()
    outbox.reclaim(now=NOW)
    let_it_run_out()
    outbox.reclaim(now=NOW)
    outbox.claim(now=NOW)
    assert leases.renew(in_hand.lease_token) == 0


def test_a_mail_server_that_is_slower_than_the_lease_costs_nobody_a_second_message(mail_server, settings):
    settings.EMAIL_TIMEOUT = PATIENCE
    for _n in range(3):
        make_due()
    mail_server.may_answer.clear()
    with delivering():
        assert mail_server.took_one.wait(PATIENCE)
        start = lease_until()
        eventually(lambda: several_leases_later(start), "the lease is renewed while the mail server is silent")
        mail_server.may_answer.set()
    assert list(mail_server.counts.values()) == [1, 1, 1]
    assert set(Notification.objects.values_list("status", "crashes")) == {("sent", 0)}


@pytest.mark.parametrize("jump", [days(1), -days(1)])
def test_a_clock_that_jumps_ends_no_lease(in_hand, mail_server, jump):
    with leases.kept(in_hand.lease_token):
        start = lease_until()
        eventually(lambda: several_leases_later(start), "the lease is renewed")
        assert outbox.deliver(now=NOW + jump) == 0
    assert Notification.objects.get().lease_token == in_hand.lease_token
    assert not mail_server.mails


def test_a_lease_taken_under_a_clock_that_is_ahead_runs_out_all_the_same(mail_server):
    make_due()
    outbox.prepare(now=NOW)
    outbox.claim(now=NOW + days(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [clock] = cursor.fetchone()
    assert lease_until() <= clock + leases.LENGTH


def test_a_dead_senders_lease_runs_out_although_postgresqls_own_clock_was_put_back(in_hand):
    Notification.objects.update(lease_until=timezone.now() + days(1))
    assert outbox.reclaim(now=NOW) == 0, "it is owed a notice"
    let_it_run_out()
    assert outbox.reclaim(now=NOW) == 1


def test_a_sender_that_hangs_for_good_loses_what_it_has(in_hand, monkeypatch, caplog):
    monkeypatch.setattr(leases, "SLACK", -timedelta(hours=1))
    with leases.kept(in_hand.lease_token) as keeper:
        eventually(lambda: not keeper.is_alive(), "it is no longer vouched for")
    assert "a sender hangs" in caplog.text


def test_postgresql_away_for_a_moment_does_not_end_the_renewing(in_hand):
    with leases.kept(in_hand.lease_token):
        start = lease_until()
        eventually(lambda: lease_until() > start, "the lease is renewed")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        cut_off = lease_until()
        eventually(lambda: lease_until() > cut_off, "the lease is renewed over a new connection")
