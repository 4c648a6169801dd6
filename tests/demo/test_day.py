from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from notifications.models import Contact, Notification
from scenarios.models import Decision
from scheduler.models import Run
from scheduler.operations import run_one_batch, start_run


def run_a_day(now) -> Run:
    run = start_run(now=now, reason="test", triggered_by="test")
    while run_one_batch(now=now):
        pass
    run.refresh_from_db()
    return run


def reasons(run: Run) -> Counter:
    return Counter(Decision.objects.filter(run_id=run.pk).values_list("reason", flat=True))


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def day_at(now, out=None) -> str:
    out = out or StringIO()
    with time_machine.travel(now, tick=False):
        call_command("day", stdout=out)
    return out.getvalue()


def test_three_batches_weigh_everybody_once(seeded_at):
    run = run_a_day(seeded_at)
    assert (run.status, run.users_evaluated) == ("success", 148)
    assert list(run.batches.order_by("index").values_list("user_count", flat=True)) == [50, 50, 48]


def test_the_first_day_tells_as_many_as_the_printed_run(seeded_at):
    run = run_a_day(seeded_at)
    assert list(run.batches.order_by("index").values_list("notifications_sent", flat=True)) == [8, 9, 6]
    assert reasons(run)[""] == 23


def test_every_gate_that_a_run_can_meet_holds_somebody_back(seeded_at):
    assert set(reasons(run_a_day(seeded_at))) == {
        "",
        "user_opted_out",
        "human_contact",
        "already_told",
        "cooldown_active",
        "outranked",
        "frequency_capped",
    }


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(hours=20), timedelta(days=2)], ids=str)
def test_a_run_some_time_after_seeding_is_still_an_ordinary_day(seeded_at, later):
    run = run_a_day(seeded_at + later)
    assert run.users_evaluated == 148
    assert 15 <= run.notifications_dispatched <= 25


def test_a_second_run_on_the_same_day_tells_nobody(seeded_at):
    run_a_day(seeded_at)
    assert run_a_day(seeded_at + timedelta(minutes=5)).notifications_dispatched == 0


def test_the_command_weighs_tells_and_says_what_came_of_it(seeded_at, mailoutbox):
    account = day_at(seeded_at)
    assert len(mailoutbox) == 23
    assert "148 peer mentors in 3 batches (50 + 50 + 48)" in account
    assert "23 to be told, 13 left alone for a reason, 112 without an occasion" in account
    assert "23 messages" in account
    for code in ("inactivity", "certification_expiry", "cooldown_active", "user_opted_out", "outranked"):
        assert code in account
    assert "No activity logged for 243 days; the rule allows 14. Told." in account


def test_the_account_of_the_command_adds_up_to_what_is_stored(seeded_at):
    day_at(seeded_at)
    run = Run.objects.get(triggered_by="terminal")
    decided = Decision.objects.filter(run_id=run.pk)
    assert decided.filter(outcome="told").count() == run.notifications_dispatched == 23
    assert decided.values("mentor").distinct().count() == 23 + 13


def test_the_command_ends_although_something_stays_behind(seeded_at, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    account = day_at(seeded_at)
    assert "23 to be told" in account
    assert "0 messages" in account
    assert "to be told  " in account


def test_the_command_shows_no_names_and_no_addresses(seeded_at):
    account = day_at(seeded_at)
    assert "usr_mentor_7821" in account
    assert "@" not in account
    for name in Contact.objects.values_list("name", flat=True):
        assert name not in account


def test_the_command_draws_a_bar_in_a_terminal_and_none_in_a_file(seeded_at):
    assert "\r" not in day_at(seeded_at)
    assert "\r\x1b[2KWeighing" in day_at(seeded_at, Terminal())


def test_the_command_has_something_to_say_where_nobody_is(db):
    call_command("day", stdout=(out := StringIO()))
    assert "0 peer mentors in 0 batches" in out.getvalue()


def test_a_message_that_was_told_before_reads_like_one_that_is_told_now(seeded_at):
    told_before = Notification.objects.exclude(decision__run_id__isnull=False)
    assert told_before.exists()
    for message in told_before:
        assert "$" not in message.subject + message.body
        assert message.mentor.contact.first_name in message.subject + message.body
