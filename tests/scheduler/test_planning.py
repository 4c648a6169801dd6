"""The daily slot: a local date, run once, caught up once, through the nights in which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from scheduler import schedule
from scheduler.models import Run
from scheduler.operations import plan_due
from tests.factories import days

pytestmark = pytest.mark.django_db
MADE = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def daily():
    return make_daily("Europe/Oslo", "6", "0")


def make_daily(zone: str, hour: str, minute: str) -> PeriodicTask:
    PeriodicTask.objects.filter(task=schedule.DAILY_TASK).delete()
    crontab = CrontabSchedule.objects.create(hour=hour, minute=minute, timezone=zone)
    return PeriodicTask.objects.create(name="Daily run", task=schedule.DAILY_TASK, crontab=crontab, start_time=MADE)


def slots() -> dict[str, str]:
    return {f"{day:%m-%d}": status for day, status in Run.objects.values_list("slot_date", "status")}


def test_the_migrations_make_a_daily_time_and_a_tick():
    daily = schedule.daily_schedule()
    assert (daily.crontab.hour, daily.crontab.minute, str(daily.crontab.timezone)) == ("6", "0", "Europe/Oslo")
    assert PeriodicTask.objects.get(task=schedule.TICK_TASK).interval.every == 1


def test_nothing_is_due_before_the_time(daily):
    assert plan_due(now=datetime(2026, 3, 21, 4, 59, 59, tzinfo=UTC)) == []


def test_a_slot_runs_once_however_often_it_is_planned(daily):
    six = datetime(2026, 3, 21, 5, 0, tzinfo=UTC)
    assert [run.slot_date for run in plan_due(now=six)] == [date(2026, 3, 21)]
    for minutes in range(3):
        assert plan_due(now=six + timedelta(minutes=minutes)) == []
    assert Run.objects.count() == 1


def test_slots_begin_after_the_schedule_was_made(daily):
    plan_due(now=MADE + timedelta(hours=1))
    assert slots() == {}


def test_after_an_outage_the_latest_slot_runs_and_the_older_ones_stand_as_skipped(daily):
    plan_due(now=datetime(2026, 3, 21, 6, 0, tzinfo=UTC))
    plan_due(now=datetime(2026, 3, 24, 14, 0, tzinfo=UTC))
    assert slots() == {"03-21": "success", "03-22": "skipped", "03-23": "skipped", "03-24": "success"}


def test_skipped_slots_reach_back_fourteen_days_at_most(daily):
    plan_due(now=MADE + days(100))
    assert Run.objects.count() == 14


def test_moving_the_time_does_not_repeat_a_day(daily):
    plan_due(now=datetime(2026, 3, 21, 5, 0, tzinfo=UTC))
    CrontabSchedule.objects.filter(pk=daily.crontab_id).update(hour="20")
    plan_due(now=datetime(2026, 3, 21, 21, 0, tzinfo=UTC))
    assert slots() == {"03-21": "success"}


def test_a_schedule_that_is_off_plans_nothing(daily):
    PeriodicTask.objects.filter(pk=daily.pk).update(enabled=False)
    assert plan_due(now=MADE + days(2)) == []


def test_a_clock_that_was_ten_days_ahead_for_a_moment_takes_no_day_away(daily):
    plan_due(now=datetime(2026, 3, 21, 6, 0, tzinfo=UTC))
    plan_due(now=datetime(2026, 3, 31, 6, 0, tzinfo=UTC))
    for day in range(22, 31):
        run_day = datetime(2026, 3, day, 6, 0, tzinfo=UTC)
        assert [run.slot_date for run in plan_due(now=run_day)] == [run_day.date()]
    assert plan_due(now=datetime(2026, 3, 31, 7, 0, tzinfo=UTC)) == [], "this day had its run"
    assert set(slots().values()) == {"success"}
    assert len(slots()) == 11


@pytest.mark.parametrize(
    ("zone", "hour", "minute", "day", "instant"),
    [
        ("Europe/Oslo", "6", "0", date(2026, 3, 28), "05:00"),
        ("Europe/Oslo", "6", "0", date(2026, 3, 29), "04:00"),
        ("Europe/Oslo", "2", "30", date(2026, 3, 29), "01:00"),
        ("Europe/Oslo", "2", "30", date(2026, 10, 25), "00:30"),
        ("Asia/Kolkata", "6", "0", date(2026, 3, 29), "00:30"),
    ],
    ids=["winter", "the first summer day", "a time that is skipped", "a time that comes twice", "half hours"],
)
def test_the_slot_follows_local_time(zone, hour, minute, day, instant):
    slot = schedule.slot_instant(make_daily(zone, hour, minute), day)
    assert slot.strftime("%H:%M") == instant
    assert slot.date() == day


def test_every_night_of_a_year_has_one_slot_in_the_hours_that_clocks_change():
    daily = make_daily("Europe/Oslo", "2", "30")
    instants = [schedule.slot_instant(daily, date(2026, 1, 1) + timedelta(days=n)) for n in range(365)]
    gaps = {later - earlier for earlier, later in pairwise(instants)}
    assert gaps <= {timedelta(hours=h) for h in (22.5, 23.5, 24, 24.5, 25)}
    assert len(set(instants)) == 365


def test_the_next_slot_waits_for_the_schedules_beginning(daily):
    daily.start_time = datetime(2026, 3, 22, 5, 30, tzinfo=UTC)
    assert schedule.next_slot(daily, MADE) == datetime(2026, 3, 23, 5, 0, tzinfo=UTC)
    assert schedule.next_slot(daily, datetime(2026, 3, 23, 5, 0, tzinfo=UTC)) == datetime(2026, 3, 24, 5, tzinfo=UTC)
