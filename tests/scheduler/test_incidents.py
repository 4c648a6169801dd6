"""Incidents open when something is wrong with the runs, and close when it is over, by themselves or by a person."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from scheduler import schedule
from scheduler.models import Batch, Incident, Run
from scheduler.operations import close_incidents, deal_with, open_incident, plan_due, watch
from tests.admin.cast import make_batch, make_incident, make_run
from tests.factories import NOW, days

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def daily():
    """The daily run, due at 06:00 in Oslo, for a month already."""
    daily = schedule.daily_schedule()
    daily.start_time = NOW - days(30)
    daily.save()
    return daily


def slot(now=NOW):
    """The instant at which the run of this day is due."""
    return schedule.slot_instant(schedule.daily_schedule(), now.date())


def open_kinds() -> list[str]:
    return sorted(Incident.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))


def make_daily(daily, day=NOW, **fields) -> Run:
    return make_run(**{"schedule": daily, "slot_date": day.date(), "invoked_at": slot(day), **fields})


def test_a_run_that_has_not_started_is_late_after_half_an_hour_and_not_before(daily):
    make_daily(daily, NOW - days(1))
    watch(now=slot() + 30 * MINUTE - SECOND)
    assert open_kinds() == []
    watch(now=slot() + 30 * MINUTE)
    assert open_kinds() == ["late"]
    assert "06:00 (Europe/Oslo) and has not started" in Incident.objects.get().message


def test_a_run_that_is_still_running_is_late_after_half_an_hour_and_says_how_far_it_is(daily):
    make_daily(daily, status="running", finished_at=None, batches_total=3, batches_done=2)
    watch(now=slot() + 30 * MINUTE - SECOND)
    assert open_kinds() == []
    watch(now=slot() + 30 * MINUTE)
    assert "2 of 3 batches" in Incident.objects.get(kind="late").message


def test_a_late_run_is_one_incident_from_before_it_starts_until_it_is_finished(daily):
    make_daily(daily, NOW - days(1))
    late = slot() + 31 * MINUTE
    watch(now=late)
    (run,) = plan_due(now=late)
    Run.objects.filter(pk=run.pk).update(status="running", finished_at=None)
    watch(now=late + SECOND)
    watch(now=late + 2 * SECOND)
    assert open_kinds() == ["late"]
    Run.objects.filter(pk=run.pk).update(status="success", finished_at=late)
    watch(now=late + 3 * SECOND)
    assert Incident.objects.get().closed_at == late + 3 * SECOND


@pytest.mark.parametrize("status", ["skipped", "failed", "held", "cancelled"])
def test_a_run_that_has_ended_in_any_way_is_not_late(daily, status):
    make_daily(daily, status=status)
    watch(now=slot() + days(0.5))
    assert "late" not in open_kinds()


def test_a_run_of_yesterday_that_hangs_is_late_although_todays_went_well(daily):
    make_daily(daily, NOW - days(1), status="running", finished_at=None, batches_total=1)
    make_daily(daily)
    watch(now=slot() + MINUTE)
    assert open_kinds() == ["late"]


def test_nothing_is_late_where_the_daily_run_is_off(daily):
    daily.enabled = False
    daily.save()
    watch(now=NOW)
    assert open_kinds() == []


def test_moving_the_time_back_makes_no_day_late_that_had_its_run(daily):
    make_daily(daily)
    daily.crontab.hour = "4"
    daily.crontab.save()
    watch(now=slot() + days(0.5))
    assert open_kinds() == []


def test_a_run_by_hand_is_never_late(daily):
    make_daily(daily)
    make_run(status="running", finished_at=None, invoked_at=NOW - days(0.2), batches_total=1)
    watch(now=NOW)
    assert open_kinds() == []


@pytest.mark.parametrize("kind", ["failed", "partial"])
def test_a_run_that_went_wrong_is_over_when_a_later_daily_run_succeeds(daily, kind):
    run = make_daily(daily, NOW - days(1), status=kind)
    open_incident(kind, run=run, message="It broke.", now=run.invoked_at + MINUTE)
    make_run(invoked_at=NOW)
    make_daily(daily, status=kind)
    watch(now=NOW)
    assert kind in open_kinds(), "neither a run by hand nor another failure puts it right"
    Run.objects.filter(slot_date=NOW.date()).update(status="success")
    watch(now=NOW)
    assert open_kinds() == []


def test_a_daily_run_that_had_begun_before_puts_nothing_right(daily):
    make_daily(daily)
    open_incident("failed", run=make_run(status="failed"), message="It broke.", now=slot() + MINUTE)
    watch(now=NOW)
    assert open_kinds() == ["failed"]


def test_a_run_of_a_clock_that_was_ahead_puts_nothing_right_and_makes_no_day_on_time(daily):
    make_daily(daily, NOW - days(1))
    make_daily(daily, NOW + days(10))
    open_incident("failed", run=make_run(status="failed"), message="It broke.", now=NOW - days(0.5))
    watch(now=slot() + 31 * MINUTE)
    assert open_kinds() == ["failed", "late"]


def standing_batch() -> Batch:
    run = make_run(status="running", finished_at=None, batches_total=2, invoked_at=NOW)
    return make_batch(run, as_of=NOW)


def test_work_stands_still_when_a_batch_waits_for_half_a_minute_and_none_moves():
    standing_batch()
    watch(now=NOW + 30 * SECOND)
    assert open_kinds() == []
    watch(now=NOW + 31 * SECOND)
    watch(now=NOW + 32 * SECOND)
    assert open_kinds() == ["deaf"]


def test_work_does_not_stand_still_while_other_batches_move():
    waiting = standing_batch()
    make_batch(waiting.run, as_of=NOW, starts=1, last_start_at=NOW + 20 * SECOND)
    watch(now=NOW + 31 * SECOND)
    assert open_kinds() == []


def test_standing_still_is_over_when_a_batch_moves():
    batch = standing_batch()
    watch(now=NOW + 31 * SECOND)
    Batch.objects.filter(pk=batch.pk).update(starts=1, last_start_at=NOW + 40 * SECOND)
    watch(now=NOW + 41 * SECOND)
    assert open_kinds() == []


def test_an_incident_is_open_once_for_its_run_and_may_come_back():
    run = make_run()
    assert open_incident("held", run=run, message="Unusually many.", now=NOW)
    assert not open_incident("held", run=run, message="Unusually many.", now=NOW)
    assert open_incident("held", run=make_run(), message="Unusually many.", now=NOW)
    assert close_incidents(["held"], run=run, now=NOW) == 1
    assert open_incident("held", run=run, message="Unusually many.", now=NOW)


def test_closing_about_one_run_leaves_the_others_and_without_one_takes_all():
    for _n in range(3):
        open_incident("held", run=make_run(), message="Unusually many.", now=NOW)
    assert close_incidents(["held"], run=Run.objects.first(), now=NOW) == 1
    assert close_incidents(["held", "late"], now=NOW) == 2


def test_a_clock_that_is_set_back_closes_no_incident_before_it_opened():
    open_incident("held", run=make_run(), message="Unusually many.", now=NOW)
    close_incidents(["held"], now=NOW - days(1))
    assert Incident.objects.get().closed_at == NOW


def test_a_person_closes_what_is_for_people_and_nothing_else():
    failed, held = make_incident(1), make_incident(2)
    Incident.objects.filter(pk=held.pk).update(kind="held")
    assert deal_with(incident_id=failed.pk, by="kari", now=NOW)
    assert not deal_with(incident_id=failed.pk, by="ola", now=NOW)
    assert not deal_with(incident_id=held.pk, by="kari", now=NOW)
    failed.refresh_from_db()
    assert (failed.closed_at, failed.closed_by) == (NOW, "kari")


def dealt_with(incident) -> str:
    return reverse("admin:scheduler_incident_dealt_with", args=[incident.pk])


def test_the_incidents_page_offers_to_close_it(admin_client, admin_user):
    incident = make_incident(1)
    page = reverse("admin:scheduler_incident_change", args=[incident.pk])
    assert dealt_with(incident) in admin_client.get(page).content.decode()
    admin_client.post(dealt_with(incident), {"_form_submitted": "True"})
    incident.refresh_from_db()
    assert incident.closed_by == admin_user.username
    assert dealt_with(incident) not in admin_client.get(page).content.decode()


def test_closing_takes_a_permission_of_its_own(client, django_user_model):
    incident = make_incident(1)
    user = django_user_model.objects.create_user("kari", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_incident"))
    client.force_login(user)
    assert client.post(dealt_with(incident)).status_code == 403
    assert open_kinds() == ["failed"]


def test_a_tick_without_news_asks_as_often_however_many_incidents_are_over(daily, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    make_daily(daily)
    with CaptureQueriesContext(connection) as before:
        watch(now=NOW)
    for n in range(20):
        make_incident(n)
    Incident.objects.update(closed_at=NOW)
    with django_assert_num_queries(len(before)):
        watch(now=NOW)
