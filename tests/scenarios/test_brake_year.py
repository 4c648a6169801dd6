"""The brake through ordinary years, where it should be quiet, and through broken ones, where it shouldn't."""

import os
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest
from django.db import transaction

from scenarios import brake
from scenarios.engine import Frame, Range
from scenarios.models import Activity, Clearance, Decision, Pause, PeerMentor
from scenarios.operations import clear_run, decide, release
from tests.factories import make_organization, make_rule

from .ordinary import BEGINS, SIX, Weighed, brake_on, midnight, weigh, year

# Long enough before the year that everybody's history has begun.
RUN_UP = 45
SPRING, SUMMER, AUTUMN = (BEGINS + timedelta(days=n) for n in (62, 150, 250))
SEASONS = pytest.mark.parametrize("broken_on", [SPRING, SUMMER, AUTUMN], ids=["spring", "summer", "autumn"])


def weighed_until(day: date, size: int):
    """Return the volunteers, what they log, who was told when, and the days until this one as they were let through."""
    volunteers, log, told_on, past = _weighed_until(day, size)
    return volunteers, log, dict(told_on), list(past)


@cache
def _weighed_until(day: date, size: int):
    volunteers, log = year(size, seed=3)
    told_on: dict[int, date] = {}
    first = BEGINS - timedelta(days=RUN_UP)
    past: list[brake.Day] = []
    brake_on(weigh(volunteers, log, first=first, days=(day - first).days, told_on=told_on), past)
    return volunteers, log, told_on, past


def held_on(day: Weighed, past: list[brake.Day]) -> bool:
    return bool(brake_on([day], past))


@pytest.mark.parametrize(("size", "seed"), [(30, n) for n in range(8)] + [(148, n) for n in range(5)] + [(600, 1)])
def test_an_ordinary_year_is_held_twice_at_most(size, seed):
    volunteers, log = year(size, seed)
    days = weigh(volunteers, log, first=BEGINS - timedelta(days=RUN_UP), days=RUN_UP + 379)
    held = [day for day, _finding in brake_on(days, []) if (day - BEGINS).days >= 14]
    assert len(held) <= 2, held


@SEASONS
@pytest.mark.parametrize(("size", "percent"), [(30, 90), (148, 30), (600, 15)])
def test_a_share_of_the_mentors_that_lost_all_activities_is_held(broken_on, size, percent):
    volunteers, log, told_on, past = weighed_until(broken_on, size)
    lost = set(Random(1).sample(range(size), size * percent // 100))
    left = [entry for entry in log if entry.whose not in lost]
    (day,) = weigh(volunteers, left, first=broken_on, days=1, told_on=told_on)
    assert held_on(day, past), day


@SEASONS
@pytest.mark.parametrize(("size", "within"), [(30, 10), (148, 3), (600, 3)])
def test_an_import_that_stopped_is_held_within_days(broken_on, size, within):
    volunteers, log, told_on, past = weighed_until(broken_on, size)
    stopped = [entry for entry in log if entry.recorded <= midnight(broken_on) - timedelta(hours=18)]
    days = weigh(volunteers, stopped, first=broken_on, days=within + 1, told_on=told_on)
    assert brake_on(days, past), [day.told for day in days]


@SEASONS
@pytest.mark.parametrize("size", [30, 148, 600])
def test_a_threshold_mistyped_as_one_day_is_held(broken_on, size):
    volunteers, log, told_on, past = weighed_until(broken_on, size)
    (day,) = weigh(volunteers, log, first=broken_on, days=1, told_on=told_on, idle_days=1)
    assert held_on(day, past), day


@SEASONS
@pytest.mark.parametrize("times", [2, 1.5, 0.5])
def test_a_population_that_doubled_or_halved_overnight_is_held(broken_on, times):
    volunteers, log, told_on, past = weighed_until(broken_on, 148)
    (day,) = weigh(volunteers, log, first=broken_on, days=1, told_on=told_on)
    assert held_on(replace(day, active=round(day.active * times), told=max(1, day.told)), past)


@pytest.mark.django_db
def test_the_weeks_around_christmas_through_the_engine_are_held_twice_at_most():
    """WHOLE_YEAR=1 takes all 365 days, and a minute or two."""
    first = BEGINS - timedelta(days=RUN_UP) if "WHOLE_YEAR" in os.environ else date(2026, 11, 25)
    last = date(2027, 1, 8)
    organization, rule = make_organization(brake_limit_percent=25), make_rule("inactivity")
    volunteers, log = year(148, 3)
    mentors = PeerMentor.objects.bulk_create(
        PeerMentor(
            user_id=f"usr_of_a_year_{n}",
            organization=organization,
            joined_at=midnight(one.joined),
            recorded_at=midnight(one.joined),
            left_at=one.left and midnight(one.left),
            left_recorded_at=one.left and midnight(one.left),
        )
        for n, one in enumerate(volunteers)
    )
    Pause.objects.bulk_create(
        Pause(mentor=mentors[n], starts_at=midnight(first), ends_at=midnight(last), recorded_at=midnight(first))
        for n, one in enumerate(volunteers)
        for first, last in one.pauses
    )
    Activity.objects.bulk_create(
        Activity(
            activity_id=f"act_of_a_year_{n}",
            mentor=mentors[entry.whose],
            activity_type="visit",
            completed_at=entry.done,
            recorded_at=entry.recorded,
        )
        for n, entry in enumerate(log)
        if first - timedelta(days=60) < entry.done.date() <= last
    )
    held = []
    for number in range((last - first).days):
        now = midnight(first + timedelta(days=number)) + SIX
        with transaction.atomic():
            decide(Range(0, 2**62), Frame.at(now), run_id=f"run_{number}")
            for clearance in clear_run(f"run_{number}", now=now):
                release(clearance.pk, by="kari", now=now)
                # On the first days whoever has been silent for long is told all at once.
                held += [clearance.explanation] if number >= 10 else []
        Decision.objects.filter(outcome="pending").update(outcome="told", settled_at=now)
    assert Clearance.objects.count() == (last - first).days
    assert Decision.objects.filter(rule=rule, outcome="told").count() > 2 * (last - first).days
    assert len(held) <= 2, held
