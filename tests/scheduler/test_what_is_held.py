"""What the brake holds in real runs: what looks like lost data, and not what looks like any other day."""

from datetime import timedelta

import pytest
from django.db import connection

from scenarios import operations as scenarios
from scenarios.models import Activity, Clearance
from scheduler.models import Incident
from tests.factories import NOW, days, make_chapter, make_membership, make_mentor, make_organization, make_rule
from tests.scheduler.holding import make_crowd, mentors_of, part, run_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rule():
    return make_rule("inactivity", name="We miss you")


@pytest.fixture
def association():
    """148 mentors who log every other day, three of whom fall silent each day, and eight days of runs behind them."""
    organization = make_organization(brake_limit_percent=25)
    for n in range(148):
        mentor = make_mentor(organization)
        last = NOW - days(22 - n // 3) if n < 60 else NOW - days(n % 2)
        Activity.objects.bulk_create(
            Activity(activity_id=f"act_{n}_{k}", mentor=mentor, activity_type="visit", completed_at=at, recorded_at=at)
            for k, at in enumerate(last - days(2 * number) for number in range(14))
        )
    for day in range(8, 0, -1):
        assert run_day(NOW - days(day)).status == "success"
    return organization


def test_an_ordinary_day_is_cleared_and_keeps_its_numbers(association):
    run = run_day()
    row = Clearance.objects.get(run_id=run.pk)
    assert (run.status, row.status, row.explanation) == ("success", "cleared", "")
    assert (row.active_mentors, row.told, row.usual) == (148, 3, 3)
    assert list(row.told_by_scenario.values()) == [3]
    assert row.newest_fact_at == NOW


def test_an_import_that_lost_the_activities_of_most_mentors_is_held(association):
    lost = Activity.objects.filter(mentor__organization=association, mentor__in=mentors_of(association)[28:])
    lost.update(withdrawn_at=NOW)
    run = run_day()
    row = Clearance.objects.get(run_id=run.pk)
    assert (run.status, row.status) == ("held", "held")
    assert row.told == 123
    assert row.explanation == (
        "123 of 148 mentors would hear “We miss you” today; usually it is 3. Was an import of activities lost?"
    )
    assert Incident.objects.get(run=run).kind == "held"
    assert row.explanation in Incident.objects.get(run=run).message


def test_an_import_that_lost_the_newest_weeks_is_held(association):
    Activity.objects.filter(recorded_at__gt=NOW - days(15)).update(withdrawn_at=NOW)
    run = run_day()
    assert (run.status, Clearance.objects.get(run_id=run.pk).status) == ("held", "held")


def test_an_import_that_stopped_is_held_before_many_fall_silent(association):
    Activity.objects.filter(recorded_at__gt=NOW - days(1)).delete()
    statuses = [run_day(NOW + days(day)).status for day in range(4)]
    assert statuses == ["success", "success", "held", "held"]
    row = Clearance.objects.filter(status="held").earliest("judged_at")
    assert row.told == 3
    assert row.explanation == (
        "No activity was recorded for 3 days; lately it was never longer than 1 day. Has an import stopped?"
    )


def test_mentors_that_came_twice_are_held(association):
    for _ in range(148):
        make_mentor(association, joined_at=NOW - days(1))
    run = run_day()
    assert Clearance.objects.get(run_id=run.pk).explanation == (
        "There are 296 active mentors today; lately there were 148. Was the list of mentors imported as a whole, and "
        "once?"
    )


def test_a_threshold_that_was_mistyped_is_held(association, rule):
    rule.threshold_days = 1
    scenarios.save_rule(rule, by=None, now=NOW - timedelta(hours=1))
    assert run_day().status == "held"


def test_a_chapter_is_judged_by_itself():
    organization = make_organization(brake_limit_percent=25)
    fana = make_chapter(organization, name="Fana")
    for mentor in make_crowd(organization, 12) + make_crowd(organization, 3, idle_for=days(1)):
        make_membership(mentor, fana)
    make_crowd(organization, 85, idle_for=days(1))
    assert run_day().status == "held"
    assert part(organization).explanation == (
        "12 of 15 mentors of the chapter Fana would hear “We miss you” today; the limit is 25 %. Was an import of "
        "activities lost?"
    )


@pytest.mark.parametrize(("size", "told"), [(6, 3), (7, 7), (40, 10)])
def test_few_people_and_shares_up_to_the_limit_are_no_news(size, told):
    organization = make_organization(brake_limit_percent=25)
    make_crowd(organization, told)
    make_crowd(organization, size - told, idle_for=days(1))
    assert run_day().status == "success"
    assert part(organization).status == "cleared"


def test_certifications_are_reminded_of_although_no_activity_is_recorded(association, rule):
    rule.trigger_type, rule.threshold_days = "certification_expiry", 30
    scenarios.save_rule(rule, by=None, now=NOW - days(1))
    Activity.objects.filter(recorded_at__gt=NOW - days(1)).delete()
    for mentor in mentors_of(association)[100:103]:
        mentor.certifications.create(kind="Basic", expires_at=NOW + days(20), recorded_at=NOW - days(300))
    run = run_day(NOW + days(5))
    assert (run.status, run.notifications_dispatched) == ("success", 3)


def test_an_organization_without_decisions_has_its_numbers_kept_too():
    make_crowd(make_organization(), 2, idle_for=days(1))
    run_day()
    assert list(Clearance.objects.values_list("status", "active_mentors", "told")) == [("cleared", 2, 0)]


def test_closing_asks_as_often_whatever_the_number_of_organizations(django_assert_max_num_queries):
    def close(organizations: int) -> None:
        for _ in range(organizations):
            make_crowd(make_organization(), 9)
        run_day()
        with django_assert_max_num_queries(14):
            scenarios.clear_run("run_of_nobody", now=NOW)

    close(1)
    close(12)


def goes_wrong(*_args, **_kwargs):
    raise ArithmeticError("the brake")


def takes_too_long(*_args, **_kwargs):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
        cursor.execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize("fault", [goes_wrong, takes_too_long])
def test_where_the_brake_itself_goes_wrong_everything_waits_for_a_person(monkeypatch, fault):
    make_crowd(make_organization(), 2)
    monkeypatch.setattr("scenarios.brake.implausible", fault)
    assert run_day().status == "held"
    assert "Please look for yourself" in Clearance.objects.get().explanation
