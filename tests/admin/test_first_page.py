"""The first page tells a coordinator what happened, what comes next, and what waits."""

import pytest
from django.urls import reverse

from notifications.models import Variant
from scenarios.models import StaffScope
from tests.admin.cast import make_clearance, make_incident, make_notification, make_run
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
