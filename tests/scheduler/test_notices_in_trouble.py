"""Writing to operators where servers refuse, hang or are gone, and where senders are killed or overtaken."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from scheduler import notices, tasks
from scheduler.models import Notice, Run
from scheduler.notices import sending, ways
from scheduler.operations import start_run
from tests.eventually import eventually
from tests.factories import NOW, days, make_mentor
from tests.scheduler.operators import MINUTE, open_one, send

pytestmark = pytest.mark.django_db


def test_a_mail_server_that_refuses_is_asked_again_later_and_the_ping_goes_out_meanwhile(mail_server, ping_server):
    mail_server.answers["ops@example.org"] = mail_server.answers["it@example.org"] = ["451 later"]
    open_one()
    send()
    send()
    assert ping_server.paths == ["/check/fail"]
    assert mail_server.tries.count("ops@example.org") == 1, "not again at once"
    notice = Notice.objects.get(channel="email")
    assert (notice.status, notice.attempts, notice.token) == ("pending", 1, None)
    assert notice.last_error == "SMTPRecipientsRefused"
    mail_server.answers.clear()
    assert send(NOW + MINUTE) == 1


def test_one_operator_whose_address_is_refused_does_not_cost_the_others_their_letter(mail_server):
    mail_server.answers["it@example.org"] = ["550 unknown"]
    open_one()
    assert send() == 1
    assert len(mail_server.mails) == 1


def test_what_could_not_be_sent_for_a_day_is_given_up(mail_server):
    mail_server.answers["ops@example.org"] = mail_server.answers["it@example.org"] = ["550 unknown"]
    open_one()
    for hour in range(30):
        send(NOW + hour * 60 * MINUTE)
    notice = Notice.objects.get()
    assert notice.status == "given_up"
    assert mail_server.tries.count("ops@example.org") == notice.attempts == 24


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_a_ping_that_is_not_answered_well_is_repeated(ping_server, answer):
    ping_server.answers = [answer, 200]
    open_one()
    assert send() == 0
    assert Notice.objects.get().last_error == f"HTTP {answer}"
    assert send(NOW + MINUTE) == 1


def test_a_ping_follows_nobody_elsewhere(ping_server):
    ping_server.answers, ping_server.location = [302], "/elsewhere"
    open_one()
    send()
    assert ping_server.paths == ["/check/fail"]


def test_an_error_that_is_kept_repeats_no_address(mail_server):
    mail_server.sender_answer = "550 peerwell@example.org may not send"
    open_one()
    send()
    assert Notice.objects.get().last_error == "SMTPSenderRefused 550"


def test_nobody_there_to_take_the_mail_is_a_failed_try(mail_server):
    mail_server.stop()
    open_one()
    assert send() == 0
    assert Notice.objects.get().last_error == "ConnectionRefusedError"


def test_a_sender_that_dies_between_sending_and_marking_costs_one_repeat_with_the_same_id(mail_server, monkeypatch):
    open_one()
    notices.owe(now=NOW)

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(sending, "_let_go", die)
    with pytest.raises(Killed):
        notices.send_one(now=NOW)
    monkeypatch.undo()
    assert send(NOW + MINUTE) == 0, "it is still in the dead one's hand"
    assert send(NOW + 3 * MINUTE) == 1
    assert send(NOW + days(0.5)) == 0
    assert list(mail_server.counts.values()) == [2]


def test_a_sender_that_lost_its_turn_records_nothing(mail_server, monkeypatch):
    open_one()
    notices.owe(now=NOW)
    slow = ways.send

    def overtaken(notice):
        slow(notice)
        monkeypatch.undo()
        assert notices.send_one(now=NOW + 3 * MINUTE)
        Notice.objects.update(last_error="by the second")

    monkeypatch.setattr(ways, "send", overtaken)
    notices.send_one(now=NOW)
    assert Notice.objects.get().last_error == "by the second"


@pytest.mark.django_db(transaction=True)
def test_only_one_notice_is_on_its_way_at_a_time(mail_server, ping_server):
    mail_server.may_answer.clear()
    open_one()
    notices.owe(now=NOW)
    Notice.objects.filter(channel="ping").update(due_at=NOW + MINUTE / 60)

    def send_in_a_thread():
        try:
            notices.send_one(now=NOW)
        finally:
            connection.close()

    sender = threading.Thread(target=send_in_a_thread)
    sender.start()
    assert mail_server.took_one.wait(60)
    later = NOW + MINUTE / 30
    assert not notices.is_due(now=later)
    assert not notices.send_one(now=later)
    mail_server.may_answer.set()
    sender.join(60)
    assert notices.send_one(now=later)


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_hangs_holds_no_lock_and_no_transaction(mail_server):
    mail_server.may_answer.clear()
    open_one()
    notices.owe(now=NOW)

    def send_in_a_thread():
        try:
            notices.send_one(now=NOW)
        finally:
            connection.close()

    sender = threading.Thread(target=send_in_a_thread)
    sender.start()
    assert mail_server.took_one.wait(60)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT id FROM scheduler_notice FOR UPDATE NOWAIT")
    mail_server.may_answer.set()
    sender.join(60)
    assert Notice.objects.get().status == "sent"


def mailing(mail_server) -> dict[str, str]:
    """What a worker must know to write to one operator by this mail server."""
    return {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_server.port),
        "OPERATORS": "ops@example.org",
        "DEFAULT_FROM_EMAIL": "Peerwell <peerwell@example.org>",
    }


def test_a_real_worker_hears_the_tick_and_writes_to_operators(celery_worker_process, mail_server):
    open_one()
    worker = celery_worker_process(**mailing(mail_server))
    tasks.tick.apply_async()
    eventually(lambda: Notice.objects.filter(status="sent").exists(), "the notice is sent")
    assert [mail["To"] for mail in mail_server.mails] == ["ops@example.org"]
    assert worker.stop() == 0


def test_a_worker_that_is_killed_while_it_sends_costs_one_repeat_with_the_same_id(celery_worker_process, mail_server):
    mail_server.may_answer.clear()
    open_one()
    worker = celery_worker_process(**mailing(mail_server))
    tasks.tick.apply_async()
    assert mail_server.took_one.wait(60)
    worker.kill()
    mail_server.may_answer.set()
    assert Notice.objects.get().status == "pending"
    Notice.objects.update(due_at=NOW)
    celery_worker_process(**mailing(mail_server))
    tasks.tick.apply_async()
    eventually(lambda: Notice.objects.filter(status="sent").exists(), "the notice is sent again")
    assert list(mail_server.counts.values()) == [2]


def test_a_mail_server_that_hangs_keeps_no_run_waiting(celery_worker_process, mail_server):
    mail_server.may_answer.clear()
    open_one()
    celery_worker_process(pool="prefork", concurrency=2, **mailing(mail_server))
    tasks.tick.apply_async()
    assert mail_server.took_one.wait(60)
    make_mentor()
    run = start_run(now=timezone.now())
    eventually(lambda: Run.objects.filter(pk=run.pk, status="success").exists(), "the run is finished")
    assert Notice.objects.get().status == "pending"


def test_a_sender_that_died_under_a_clock_that_was_ahead_keeps_nobody_from_writing(mail_server):
    open_one()
    notices.owe(now=NOW + days(3))
    assert sending._take(NOW + days(3)), "and dies"
    open_one(now=NOW)
    assert send(NOW + MINUTE) == 2
    assert set(Notice.objects.values_list("status", flat=True)) == {"sent"}
