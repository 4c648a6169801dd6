"""Operators are written to once when something goes wrong and once when it is over, and a dead man's switch is fed."""

import pytest

from scheduler import notices, schedule, tasks
from scheduler.models import Incident, Notice, Run
from scheduler.operations import close_incidents, open_incident
from tests.admin.cast import make_batch, make_named_mentor, make_run
from tests.factories import NOW, days
from tests.scheduler.operators import MINUTE, open_one, send

pytestmark = pytest.mark.django_db


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


def test_on_a_developers_machine_letters_to_operators_are_files_too(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "notifications.mailfiles.EmailBackend", tmp_path
    settings.OPERATORS = ["ops@example.org"]
    open_one()
    assert send() == 1
    (mail,) = tmp_path.glob("*.eml")
    assert "Peerwell: a run failed" in mail.read_text()


def test_a_tick_owes_even_where_planning_fails(mail_server, monkeypatch):
    open_one()

    def fail(**_kwargs):
        raise RuntimeError("planning is broken")

    monkeypatch.setattr(tasks.operations, "plan_due", fail)
    with pytest.raises(RuntimeError):
        tasks.tick()
    assert Notice.objects.filter(status="pending").count() == 1
