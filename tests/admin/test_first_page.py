"""The first page tells a coordinator what happened, what comes next, and what waits."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from config.wellbeing.strip import moment
from notifications.models import Variant
from scenarios.admin.base import address_of
from scenarios.models import StaffScope, Switch
from scheduler.models import Incident
from scheduler.schedule import daily_schedule
from tests.admin.cast import (
    make_clearance,
    make_heartbeat,
    make_incident,
    make_notice,
    make_notification,
    make_run,
)
from tests.factories import NOW, days, make_chapter, make_organization, make_template

pytestmark = pytest.mark.django_db


def first_page(client):
    return client.get(reverse("admin:index"))


def waiting(client) -> dict[str, str]:
    return {row["words"]: row["number"] for row in first_page(client).context["waiting"]}


def test_it_shows_the_newest_run_that_is_in_the_log(admin_client):
    make_run(invoked_at=NOW - days(1))
    newest = make_run(users_evaluated=148, notifications_dispatched=23)
    make_run(invoked_at=NOW + days(1), deleted_at=NOW + days(1))
    page = first_page(admin_client)
    assert page.context["last_run"]["run"] == newest
    assert "148" in page.content.decode()


def test_it_counts_what_waits(admin_client):
    make_incident(1)
    make_clearance(1)
    make_notification(status="pending", finished_at=None)
    Variant.objects.create(template=make_template(), language="en", subject="Hi", body="Hi")
    assert set(waiting(admin_client).values()) == {"1"}


def test_what_is_over_waits_no_longer(admin_client):
    incident = make_incident(1)
    incident.closed_at = NOW
    incident.save()
    make_notification()
    make_template()
    assert set(waiting(admin_client).values()) == {"0"}


def test_every_link_of_what_waits_leads_to_just_that(admin_client):
    make_incident(1)
    make_clearance(1)
    make_notification(status="pending", finished_at=None)
    make_notification()
    Variant.objects.create(template=make_template(), language="en", subject="Hi", body="Hi")
    for row in first_page(admin_client).context["waiting"]:
        assert admin_client.get(row["url"]).context["cl"].result_count == 1


def test_times_are_those_of_the_daily_run_unless_ones_organisations_share_another(admin_client, admin_user):
    make_run()
    assert "25 Mar 2026, 12:00" in first_page(admin_client).content.decode()
    boston = make_organization(time_zone="America/New_York")
    StaffScope.objects.create(user=admin_user, chapter=make_chapter(boston))
    assert "25 Mar 2026, 07:00" in first_page(admin_client).content.decode()
    StaffScope.objects.create(user=admin_user, organization=make_organization())
    assert "25 Mar 2026, 12:00" in first_page(admin_client).content.decode()


def test_the_admins_time_does_not_reach_the_api(admin_client, settings):
    settings.API_ACCESS = "public"
    make_run()
    first_page(admin_client)
    (run,) = admin_client.get("/api/v1/scheduler-invocations").json()["data"]
    assert run["invoked_at"] == "2026-03-25T11:00:00Z"


@pytest.fixture
def at_work(db):
    """A worker and the clock, both seen just now by the clock on the wall, which the page goes by."""
    now = timezone.now()
    for key, kind in (("host:1", "worker"), ("clock", "tick")):
        make_heartbeat(key=key, kind=kind, started_at=now, seen_at=now)
    return now


def strip(client):
    return first_page(client).context["strip"]


def test_the_strip_says_in_one_look_that_all_is_well(admin_client, at_work):
    make_run(invoked_at=at_work, finished_at=at_work, users_evaluated=148, notifications_dispatched=12)
    page = first_page(admin_client).content.decode()
    assert "All is well" in page
    assert "148 mentors were weighed, 12 were to be told something." in page
    assert "1 worker is running. Nothing waits." in page


def test_the_strip_speaks_of_the_daily_run_rather_than_of_one_by_hand(admin_client, at_work):
    make_run(
        invoked_at=at_work,
        finished_at=at_work,
        users_evaluated=148,
        schedule=daily_schedule(),
        slot_date=at_work.date(),
    )
    make_run(invoked_at=at_work, finished_at=at_work, users_evaluated=3)
    assert "148 mentors" in first_page(admin_client).content.decode()


def test_the_strip_is_red_and_says_why_when_no_worker_runs(admin_client, db):
    page = first_page(admin_client).content.decode()
    assert "All is well" not in page
    assert "No worker is running: nobody is weighed and nobody is told" in page


@pytest.mark.parametrize("kind", Incident.Kind.values)
def test_the_strip_shows_every_open_incident_with_a_way_to_it(admin_client, at_work, kind):
    incident = make_incident(1)
    Incident.objects.update(kind=kind)
    (problem,) = strip(admin_client)["problems"]
    assert "It broke." in problem.message
    assert admin_client.get(problem.url).status_code == 200
    assert (problem.url == address_of("scheduler_run", incident.run_id)) == (kind == "held")


def test_the_strip_is_red_while_messages_are_off(admin_client, at_work):
    Switch.objects.create(telling_enabled=False, why="A test", changed_at=NOW)
    assert [problem.code for problem in strip(admin_client)["problems"]] == ["switched_off"]


def test_every_problem_that_leads_somewhere_leads_to_a_page(admin_client, at_work):
    make_notice(status="given_up", made_at=at_work)
    make_organization(telling_enabled=False)
    daily = daily_schedule()
    daily.enabled = False
    daily.save()
    found = strip(admin_client)["problems"]
    assert {"notices_given_up", "organizations_off", "daily_run_off"} <= {p.code for p in found}
    assert {admin_client.get(problem.url).status_code for problem in found if problem.url} == {200}


def test_the_strip_leads_nobody_to_a_page_that_is_closed_to_them(staff, at_work):
    make_incident(1)
    (problem,) = strip(staff("scheduler.view_run"))["problems"]
    assert ("It broke." in problem.message, problem.url) == (True, "")
    (problem,) = strip(staff("scheduler.view_run", "scheduler.view_incident"))["problems"]
    assert problem.url


def test_only_administrators_are_asked_to_name_operators(admin_client, staff, at_work, settings):
    assert "OPERATORS" in first_page(admin_client).content.decode()
    assert "OPERATORS" not in first_page(staff("scheduler.view_run")).content.decode()
    settings.OPERATORS = ["ops@example.org"]
    assert "OPERATORS" not in first_page(admin_client).content.decode()


def test_who_may_see_no_runs_sees_no_strip(staff, at_work):
    assert "strip" not in first_page(staff("scenarios.view_peermentor")).context


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 3, 25, 5, tzinfo=UTC), "today at 06:00"),
        (datetime(2026, 3, 24, 23, 30, tzinfo=UTC), "today at 00:30"),
        (datetime(2026, 3, 24, 22, 30, tzinfo=UTC), "yesterday at 23:30"),
        (datetime(2026, 3, 26, 5, tzinfo=UTC), "tomorrow at 06:00"),
        (datetime(2026, 3, 29, 4, tzinfo=UTC), "on 29 Mar 2026 at 06:00"),
    ],
)
def test_instants_are_said_as_people_say_them(instant, said):
    with timezone.override("Europe/Oslo"):
        assert moment(instant, NOW) == said
