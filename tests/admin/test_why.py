"""Why, and why not: any mentor on any day, in the words of the replay."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scenarios.models import Decision
from scenarios.what_if import replay
from scheduler import days as calendar
from scheduler.operations import run_one_batch, start_run
from tests.admin.pages import change_address
from tests.factories import days, make_activity, make_contact, make_mentor, make_opt_out, make_pause, make_rule

pytestmark = pytest.mark.django_db
NEEDED = ("scenarios.view_peermentor", "scenarios.view_decision")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def mentor(now):
    make_rule(threshold_days=14, name="Two weeks")
    make_rule(threshold_days=100, name="A long time", priority=20)
    mentor = make_mentor(idle_for=days(20), now=now)
    make_contact(mentor, name="Kari Nordmann")
    return mentor


def why(mentor) -> str:
    return reverse("admin:scenarios_peermentor_why", args=[mentor.pk])


def run_now() -> None:
    start_run(now=timezone.now())
    run_one_batch(now=timezone.now())


@pytest.mark.parametrize("ago", [0, 1, 10, 30])
def test_the_page_says_what_the_replay_says(admin_client, mentor, now, ago):
    day = calendar.today(now) - timedelta(days=ago)
    page = admin_client.get(why(mentor), {"date": day.isoformat()})
    account = replay(mentor, instant=calendar.instant_of(day, now=timezone.now()), now=timezone.now())
    assert page.context["not_weighed"] == account.not_weighed
    assert sorted((row["name"], row["sentence"], row["fired"]) for row in page.context["rules"]) == sorted(
        (row.version.name, row.sentence, row.fired) for row in account.rules
    )
    assert len(page.context["rules"]) == 2


def test_today_is_asked_where_no_day_is(admin_client, mentor, now):
    page = admin_client.get(why(mentor))
    assert page.context["day"] == calendar.today(now)
    text = page.content.decode()
    assert "Kari Nordmann" in text
    assert "No activity logged for 20 days; the rule allows 14. Would have been told." in text
    assert "No activity logged for 20 days; the rule allows 100. The rule kept quiet." in text


def test_a_mentor_who_was_not_weighed_is_told_so_first(admin_client, mentor, now):
    make_pause(mentor, starts_at=now - days(1))
    assert "Not weighed: was paused." in admin_client.get(why(mentor)).content.decode()


def test_a_decision_leads_to_the_moment_at_which_it_was_made(admin_client, mentor):
    make_opt_out(mentor)
    run_now()
    decision = Decision.objects.get()
    url = f"{why(mentor)}?decision={decision.pk}"
    assert url in admin_client.get(change_address(decision)).content.decode()
    fired, _quiet = admin_client.get(url).context["rules"]
    assert fired["recorded_url"] == change_address(decision)
    assert fired["sentence"].endswith("Not told: doesn't want this kind of message.")


def test_the_day_shows_its_last_run_and_names_the_others(admin_client, mentor):
    run_now()
    first = Decision.objects.get()
    run_now()
    last = Decision.objects.exclude(pk=first.pk).get()
    page = admin_client.get(why(mentor), {"date": calendar.today(first.instant).isoformat()})
    assert page.context["instant"] == last.instant
    assert [row["instant"] for row in page.context["others"]] == [first.instant]


def test_what_was_logged_later_is_said(admin_client, mentor, now):
    run_now()
    decision = Decision.objects.get()
    make_activity(mentor, completed_at=now - days(2), recorded_at=timezone.now())
    text = admin_client.get(why(mentor), {"decision": decision.pk}).content.decode()
    assert "Something was logged or taken back later" in text
    assert "No activity logged for 20 days" in text, "what was known then is still shown"


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "1969-12-31", "9999-12-31"])
def test_a_day_that_can_not_be_is_refused_in_words(admin_client, mentor, day):
    page = admin_client.get(why(mentor), {"date": day})
    assert page.status_code == 200
    assert page.context["form"].errors
    assert "rules" not in page.context


@pytest.mark.parametrize("decision", ["x", "0", "99999999999999999999", ""])
def test_a_decision_that_is_none_shows_today(admin_client, mentor, now, decision):
    assert admin_client.get(why(mentor), {"decision": decision}).context["day"] == calendar.today(now)


@pytest.mark.parametrize("pk", ["0", "x", "99999999999999999999"])
def test_an_unknown_mentor_is_not_found(admin_client, mentor, pk):
    url = why(mentor).replace(f"/{mentor.pk}/", f"/{pk}/")
    assert admin_client.get(url).status_code == 404


def test_the_mentors_page_leads_here(admin_client, mentor):
    url = reverse("admin:scenarios_peermentor_ask_why", args=[mentor.pk])
    assert url in admin_client.get(change_address(mentor)).content.decode()
    assert admin_client.get(url)["Location"] == why(mentor)


def test_many_decisions_cost_no_more_queries(admin_client, mentor):
    run_now()
    few = queries(admin_client, mentor)
    for _n in range(3):
        run_now()
    assert queries(admin_client, mentor) == few


def queries(client, mentor) -> int:
    client.get(why(mentor))
    with CaptureQueriesContext(connection) as captured:
        client.get(why(mentor))
    return len(captured)


@pytest.mark.parametrize("missing", NEEDED)
def test_who_may_not_see_mentors_and_decisions_is_refused(staff, mentor, missing):
    assert staff(*(set(NEEDED) - {missing})).get(why(mentor)).status_code == 403


def test_who_may_see_both_sees_the_page(staff, mentor):
    assert staff(*NEEDED).get(why(mentor)).status_code == 200


def test_strangers_are_sent_to_the_door(client, mentor):
    assert client.get(why(mentor))["Location"].startswith("/admin/login/")
