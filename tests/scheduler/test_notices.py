"""Operators are written to once when something goes wrong and once when it is over, and a dead man's switch is fed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from scheduler import notices, schedule, tasks
from scheduler.models import Incident, Notice, Run
from scheduler.notices import sending, ways
from scheduler.operations import close_incidents, open_incident, start_run
from tests.admin.cast import make_batch, make_named_mentor, make_run
from tests.eventually import eventually
from tests.factories import NOW, days, make_mentor
from tests.notifications.mailserver import MailServer
from tests.scheduler.pingserver import PingServer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mail_server(settings):
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "Peerwell <peerwell@example.org>"
    settings.OPERATORS = ["ops@example.org", "it@example.org"]
    settings.PUBLIC_URL = "https://peerwell.example.org/"
    yield server
    server.may_answer.set()
    server.stop()


@pytest.fixture
def ping_server(settings, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = PingServer()
    settings.PING_URL = server.url
    yield server
    server.stop()


def send(now=NOW) -> int:
    """Do what a tick and the task do; return how many notices went out."""
    notices.owe(now=now)
    count = 0
    while notices.send_one(now=now):
        count += 1
    return count


def open_one(kind="failed", now=NOW) -> Incident:
    open_incident(kind, run=make_run(status="failed"), message="All batches failed.", now=now)
    return Incident.objects.latest("id")


def test_a_failure_is_told_once_and_its_end_once(mail_server, ping_server):
    incident = open_one()
    assert send() == 2
    assert send(NOW + MINUTE) == 0
    close_incidents(["failed"], now=NOW + 2 * MINUTE)
    assert send(NOW + 3 * MINUTE) == 2
    assert send(NOW + days(0.5)) == 0
    assert [mail["Subject"] for mail in mail_server.mails] == ["Peerwell: a run failed", "Peerwell: over: a run failed"]
    assert ping_server.paths == ["/check/fail", "/check"]
    assert set(incident.notices.values_list("status", flat=True)) == {"sent"}


def test_the_letter_says_what_happened_what_to_do_and_where_to_look(mail_server):
    incident = open_one()
    make_batch(incident.run, status="failed", finished_at=NOW, last_error="It broke.")
    Run.objects.update(batches_total=3)
    send()
    (mail,) = mail_server.mails
    text = mail.get_content()
    assert mail["To"] == "ops@example.org, it@example.org"
    assert "1 of 3 batches of the run could not be evaluated." in text
    assert "the next daily run weighs" in text
    assert f"https://peerwell.example.org/admin/scheduler/incident/{incident.pk}/change/" in text
    assert incident.run_id in text


@pytest.mark.parametrize("kind", Incident.Kind.values)
def test_every_kind_has_something_to_do(mail_server, kind):
    open_one(kind)
    assert send() == 1
    assert len(mail_server.mails[0].get_content()) > 200


def test_the_end_is_a_reply_to_the_beginning(mail_server):
    open_one()
    send()
    close_incidents(["failed"], now=NOW)
    send(NOW + MINUTE)
    first, second = mail_server.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert second["In-Reply-To"] == first["Message-ID"]


def test_nothing_is_sent_or_kept_where_nobody_is_named(settings, mailoutbox):
    open_one()
    assert send() == 0
    assert not Notice.objects.exists()
    assert not mailoutbox


def test_operators_who_are_named_later_hear_of_what_is_still_open(settings, mail_server):
    named, settings.OPERATORS = settings.OPERATORS, []
    open_one()
    assert send() == 0
    settings.OPERATORS = named
    assert send(NOW + MINUTE) == 1


def test_what_is_over_before_anybody_began_to_tell_of_it_is_not_told(mail_server, ping_server):
    open_one()
    notices.owe(now=NOW)
    close_incidents(["failed"], now=NOW)
    assert send(NOW + MINUTE) == 0
    assert set(Notice.objects.values_list("status", flat=True)) == {"dropped"}
    assert not mail_server.mails
    assert not ping_server.heard


def test_what_may_have_been_told_is_told_to_be_over(mail_server):
    mail_server.answers["ops@example.org"] = mail_server.answers["it@example.org"] = ["451 later"]
    open_one()
    assert send() == 0
    mail_server.answers.clear()
    close_incidents(["failed"], now=NOW)
    assert send(NOW + 5 * MINUTE) == 1
    assert [mail["Subject"] for mail in mail_server.mails] == ["Peerwell: over: a run failed"]


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


def test_an_address_for_pings_keeps_its_query(settings, ping_server):
    settings.PING_URL = ping_server.url + "/?create=1"
    open_one()
    send()
    assert ping_server.paths == ["/check/fail?create=1"]


def test_well_is_pinged_only_when_the_last_incident_is_over(ping_server):
    open_one()
    open_one()
    send()
    close_incidents(["failed"], run=Run.objects.first(), now=NOW)
    assert send(NOW + MINUTE) == 0
    close_incidents(["failed"], now=NOW)
    send(NOW + 2 * MINUTE)
    assert ping_server.paths == ["/check/fail", "/check/fail", "/check", "/check"]


def make_daily(**fields) -> Run:
    return make_run(schedule=schedule.daily_schedule(), slot_date=NOW.date(), **fields)


def test_a_daily_run_that_went_well_is_pinged_once(ping_server):
    make_daily()
    assert [send(), send(NOW + MINUTE)] == [1, 0]
    assert ping_server.paths == ["/check"]


@pytest.mark.parametrize("status", ["running", "partial", "failed", "held", "skipped", "cancelled"])
def test_a_daily_run_that_did_not_is_not_pinged(ping_server, status):
    make_daily(status=status, finished_at=None if status == "running" else NOW)
    assert send() == 0


def test_a_run_by_hand_does_not_feed_the_dead_mans_switch(ping_server):
    make_run()
    assert send() == 0


def test_while_something_is_open_no_ping_says_that_all_is_well(ping_server):
    open_one("held")
    make_daily()
    send()
    assert ping_server.paths == ["/check/fail"]
    close_incidents(["held"], now=NOW)
    send(NOW + MINUTE)
    assert set(ping_server.paths[1:]) == {"/check"}


def test_a_letter_names_nobody(mail_server):
    mentor = make_named_mentor()
    said = f"Could not be evaluated: {mentor.user_id}."
    open_incident("partial", run=make_run(status="partial"), message=said, now=NOW)
    send()
    written = mail_server.mails[0].as_string()
    for secret in (mentor.contact.name, mentor.contact.email, mentor.user_id):
        assert secret not in written


def test_an_error_that_is_kept_repeats_no_address(mail_server):
    mail_server.sender_answer = "550 peerwell@example.org may not send"
    open_one()
    send()
    assert Notice.objects.get().last_error == "SMTPSenderRefused 550"


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
    sender.join()
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
    sender.join()
    assert Notice.objects.get().status == "sent"


def test_on_a_developers_machine_letters_to_operators_are_files_too(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "notifications.mailfiles.EmailBackend", tmp_path
    settings.OPERATORS = ["ops@example.org"]
    open_one()
    assert send() == 1
    (mail,) = tmp_path.glob("*.eml")
    assert "Peerwell: a run failed" in mail.read_text()


def test_nobody_there_to_take_the_mail_is_a_failed_try(mail_server):
    mail_server.stop()
    open_one()
    assert send() == 0
    assert Notice.objects.get().last_error == "ConnectionRefusedError"


def test_a_tick_owes_even_where_planning_fails(mail_server, monkeypatch):
    open_one()

    def fail(**_kwargs):
        raise RuntimeError("planning is broken")

    monkeypatch.setattr(tasks.operations, "plan_due", fail)
    with pytest.raises(RuntimeError):
        tasks.tick()
    assert Notice.objects.filter(status="pending").count() == 1


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
