"""The doorbell: whoever hears it looks for what is due, and nothing depends on its being heard."""

import logging
from multiprocessing import get_context

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from notifications import outbox, tasks, turns
from notifications.models import Notification
from scenarios import signals
from tests.notifications.telling import make_due_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rung(monkeypatch):
    """The doorbells that were sent to the broker."""
    bells = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda **options: bells.append(options))
    return bells


def test_what_may_be_due_rings(rung):
    signals.due.send(sender=None)
    assert len(rung) == 1
    assert rung[0]["expires"] <= 60


def test_it_rings_after_the_commit_of_what_is_due(rung):
    with transaction.atomic():
        signals.due.send(sender=None)
        assert rung == []
    assert len(rung) == 1


def test_nothing_is_rung_for_what_was_rolled_back(rung):
    with transaction.atomic():
        signals.due.send(sender=None)
        transaction.set_rollback(True)
    assert rung == []


def test_without_a_broker_it_only_says_so(monkeypatch, caplog):
    def refuse(**_options):
        raise OperationalError("redis://:secret@example.org is away")

    monkeypatch.setattr(tasks.deliver, "apply_async", refuse)
    with caplog.at_level(logging.INFO):
        signals.due.send(sender=None)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "no doorbell: OperationalError")
    ]


def test_a_worker_that_hears_it_tells_what_is_due(mail_server, celery_worker_process):
    decision = make_due_now()
    worker = celery_worker_process(EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(mail_server.port))
    signals.due.send(sender=None)
    assert mail_server.took_one.wait(60)
    assert worker.stop() == 0
    assert Notification.objects.get(decision=decision).status == "sent"


def test_it_rings_again_when_the_turn_ends_before_the_work(mail_server, rung, monkeypatch):
    make_due_now()
    monkeypatch.setattr(turns, "LENGTH_SECONDS", 0)
    tasks.deliver()
    assert len(rung) == 1
    assert not Notification.objects.exists()


def test_it_does_not_ring_again_when_all_is_done(mail_server, rung):
    make_due_now()
    tasks.deliver()
    assert rung == []
    assert Notification.objects.get().status == "sent"


def test_it_does_not_ring_again_when_the_worker_stops(mail_server, rung, monkeypatch):
    make_due_now()
    monkeypatch.setattr(turns, "stopping", lambda: True)
    tasks.deliver()
    assert rung == []
    assert not Notification.objects.exists()


def take_a_turn(result) -> None:
    with turns.turn() as turn:
        result.put(turn is not None)


def ask_from_another_process() -> bool:
    context = get_context("fork")
    result = context.Queue()
    process = context.Process(target=take_a_turn, args=[result])
    process.start()
    got_it = result.get(timeout=60)
    process.join(60)
    return got_it


def test_one_process_of_a_worker_sends_at_a_time():
    with turns.turn():
        assert not ask_from_another_process()
    assert ask_from_another_process()


def test_a_fault_is_logged_without_its_text(mail_server, monkeypatch, caplog):
    def fail(**_what):
        raise RuntimeError("Failing row contains (kari@example.org)")

    monkeypatch.setattr(outbox, "deliver", fail)
    tasks.deliver()
    assert "delivery stopped: RuntimeError in fail" in caplog.text
    assert "kari" not in caplog.text
