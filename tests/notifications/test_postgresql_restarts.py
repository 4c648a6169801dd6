"""PostgreSQL goes away while a mail server has a message: the sender waits for it, and nobody takes over meanwhile."""

import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from config.local import process
from config.local.postgres_server import PostgresServer
from notifications import outbox
from notifications.models import Notification
from notifications.outbox import leases
from tests.eventually import eventually
from tests.notifications.mailserver import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


# Tries to renew that fail: one at each half second.
LONGER_THAN_A_LEASE = 2 * (leases.LENGTH + leases.NOTICE) / leases.RENEWED_EVERY


class OwnPostgres:
    """A server that no other test needs at the same time."""

    def __init__(self, folder: Path) -> None:
        self.server = PostgresServer(folder / "postgres", folder / "sockets", careless=True)
        self.server.sockets.mkdir(mode=0o700)
        self.server.initialise()

    def start(self) -> None:
        self.process = process.start(self.server.command, become=self.server.become())
        assert process.wait_until(self.server.is_ready, PATIENCE)

    def stop(self) -> None:
        process.end(self.process, signal.SIGINT, grace=10)


@pytest.fixture
def own_postgres(transactional_db, monkeypatch):
    """Django's connection leads to it for this test, and so do those of its workers."""
    # Not in TMPDIR, whose path may be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="peerwell-test-", dir="/tmp"))
    postgres = OwnPostgres(folder)
    postgres.start()
    connections.close_all()
    with monkeypatch.context() as patched:
        patched.setenv("DATABASE_URL", postgres.server.url)
        patched.setitem(connection.settings_dict, "HOST", str(postgres.server.sockets))
        patched.setitem(connection.settings_dict, "NAME", "peerwell")
        call_command("migrate", verbosity=0)
        yield postgres
        connections.close_all()
    postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


def lease_until():
    return Notification.objects.get(status="sending").lease_until


def tries_to_renew(worker) -> int:
    return sum("could not renew a lease" in line for line in worker.lines)


def nobody_takes_over_for_several_leases(since) -> bool:
    assert outbox.deliver(now=timezone.now()) == 0
    return lease_until() > since + 2 * leases.LENGTH + leases.NOTICE


def test_a_restart_while_a_message_is_handed_over_costs_nobody_a_second_one(own_postgres, busy_worker, mail_server):
    worker = busy_worker(1)
    own_postgres.stop()
    eventually(lambda: tries_to_renew(worker) > LONGER_THAN_A_LEASE, "the lease has run out")
    own_postgres.start()
    connection.close()
    since = lease_until()
    eventually(lambda: nobody_takes_over_for_several_leases(since), "the sender has renewed its lease for a while")
    mail_server.may_answer.set()
    eventually(lambda: Notification.objects.get().status == "sent", "the sender has recorded it")
    assert list(mail_server.counts.values()) == [1]
    assert Notification.objects.get().attempts == 1


def test_a_message_that_went_out_while_postgresql_was_away_is_recorded_when_it_is_back(
    own_postgres, busy_worker, mail_server
):
    worker = busy_worker(1)
    own_postgres.stop()
    mail_server.may_answer.set()
    worker.wait_for_line("could not record what became of a message")
    own_postgres.start()
    connection.close()

    def is_sent() -> bool:
        outbox.deliver(now=timezone.now())
        return Notification.objects.get().status == "sent"

    eventually(is_sent, "the sender has recorded it")
    assert list(mail_server.counts.values()) == [1]
    assert Notification.objects.get().attempts == 1
