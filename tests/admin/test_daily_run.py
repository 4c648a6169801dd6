"""The daily time is one row that staff edit through a small form; nothing else of celery-beat can be edited."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib import admin
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from scheduler.schedule import DAILY_TASK, daily_schedule, due_slots

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 25, 11, 0, tzinfo=UTC)


@pytest.fixture
def url(db):
    if daily_schedule() is None:
        # A test with transactions of its own has emptied the tables, and with them what the migration made.
        crontab = CrontabSchedule.objects.create(minute="0", hour="6", timezone="Europe/Oslo")
        PeriodicTask.objects.create(name="Daily run", task=DAILY_TASK, crontab=crontab, start_time=NOON)
    return reverse("admin:scheduler_run_daily")


def asked(**fields) -> dict:
    return {"enabled": "on", "at": "07:30", "time_zone": "Europe/Oslo", **fields}


def test_the_time_is_written_to_the_one_crontab(admin_client, url):
    crontab = daily_schedule().crontab
    admin_client.post(url, asked(time_zone="America/New_York"))
    schedule = PeriodicTask.objects.get(task=DAILY_TASK)
    assert schedule.crontab_id == crontab.pk
    assert (schedule.crontab.hour, schedule.crontab.minute) == ("7", "30")
    assert str(schedule.crontab.timezone) == "America/New_York"


def test_the_page_says_when_the_next_run_is_in_its_own_zone(admin_client, url):
    with time_machine.travel(NOON, tick=False):
        PeriodicTask.objects.filter(task=DAILY_TASK).update(start_time=NOON)
        page = admin_client.post(url, asked(), follow=True)
    assert "26 Mar 2026, 07:30 (Europe/Oslo)" in page.content.decode()


def test_turned_on_again_it_catches_up_nothing(admin_client, url):
    PeriodicTask.objects.filter(task=DAILY_TASK).update(enabled=False, start_time=datetime(2026, 3, 1, tzinfo=UTC))
    with time_machine.travel(NOON, tick=False):
        admin_client.post(url, asked())
        assert daily_schedule().start_time == NOON
        assert due_slots(daily_schedule(), NOON) == []


def test_moving_the_time_keeps_where_its_slots_begin(admin_client, url):
    began = daily_schedule().start_time
    admin_client.post(url, asked())
    assert daily_schedule().start_time == began


def test_turned_off_it_says_so(admin_client, url):
    page = admin_client.post(url, asked(enabled=""), follow=True)
    assert not daily_schedule().enabled
    assert "The daily run is off" in page.content.decode()


def test_another_task_that_goes_by_the_same_crontab_is_not_moved(admin_client, url):
    crontab = daily_schedule().crontab
    other = PeriodicTask.objects.create(name="Other", task="other", crontab=crontab)
    admin_client.post(url, asked())
    other.refresh_from_db()
    assert (other.crontab.hour, daily_schedule().crontab.hour) == ("6", "7")


@pytest.mark.parametrize("wrong", [{"at": "25:00"}, {"at": "6"}, {"time_zone": "Mars/Base"}, {"time_zone": ""}])
def test_what_is_no_time_is_refused(admin_client, url, wrong):
    page = admin_client.post(url, asked(**wrong))
    assert page.status_code == 200
    assert page.context["form"].errors
    assert daily_schedule().crontab.hour == "6"


def test_only_who_may_change_it_gets_the_form(staff, url):
    assert staff("scheduler.view_run").get(url).status_code == 403
    assert staff("scheduler.view_run").post(url, asked()).status_code == 403
    assert staff("django_celery_beat.change_periodictask").get(url).status_code == 200


def test_no_form_can_make_beat_call_any_task(admin_client):
    assert not [model for model in admin.site._registry if model._meta.app_label == "django_celery_beat"]
    assert admin_client.get("/admin/django_celery_beat/periodictask/").status_code == 404


def test_there_is_one_row_of_it(admin_client, url):
    for at in ("05:00", "06:00", "07:00"):
        admin_client.post(url, asked(at=at))
    assert PeriodicTask.objects.filter(task=DAILY_TASK).count() == 1
    assert CrontabSchedule.objects.filter(timezone=ZoneInfo("Europe/Oslo")).count() == 1
