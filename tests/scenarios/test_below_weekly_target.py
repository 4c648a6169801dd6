"""Below the weekly target: the trailing sum, up to and including the judged activity, against a share of the target."""

from datetime import timedelta

import pytest

from tests.factories import NOW, days, make_activity, make_mentor, make_pause, make_rule
from tests.scenarios.weighing import activity, fires_on, matches, reading_of

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


def make_target(**parameters):
    parameters = {"threshold_percent": 60, "weekly_target": 10_000, **parameters}
    return make_rule("below_weekly_target", judged="activity", threshold_days=7, parameters=parameters)


@pytest.mark.parametrize(("metres", "fires"), [(5_999, True), (6_000, False), (6_001, False), (None, True)])
def test_the_activity_itself_counts_and_the_limit_is_enough(metres, fires):
    make_target()
    assert matches(make_mentor(), distance_meters=metres) is fires


def test_earlier_activities_in_the_window_are_added():
    make_target()
    mentor = make_mentor()
    make_activity(mentor, distance_meters=3_000, completed_at=NOW - days(7) + MOMENT)
    make_activity(mentor, distance_meters=90_000, completed_at=NOW - days(7))
    assert reading_of(activity(mentor, distance_meters=1_000)) == {"value": 4_000, "limit": 6_000}


def test_the_mentors_own_target_goes_before_the_rules():
    make_target()
    assert not matches(make_mentor(weekly_distance_meters=1_000), distance_meters=600)
    assert matches(make_mentor(weekly_distance_meters=100_000), distance_meters=59_999)


def test_without_any_target_it_is_quiet():
    make_target(weekly_target=None)
    assert not matches(make_mentor(), distance_meters=1)
    assert matches(make_mentor(weekly_distance_meters=10), distance_meters=1)


@pytest.mark.parametrize(("seconds", "fires"), [(3_599, True), (3_600, False)])
def test_minutes_can_be_counted(seconds, fires):
    make_target(amount="minutes", weekly_target=100)
    assert matches(make_mentor(), duration_seconds=seconds) is fires


@pytest.mark.parametrize(("earlier", "fires"), [(1, True), (2, False)])
def test_activities_can_be_counted(earlier, fires):
    make_target(amount="count", weekly_target=5)
    mentor = make_mentor()
    for n in range(earlier):
        make_activity(mentor, completed_at=NOW - days(n + 1))
    assert matches(mentor) is fires


def test_only_the_kinds_that_the_rule_names_are_added():
    make_target(activity_types=["run"])
    mentor = make_mentor()
    make_activity(mentor, activity_type="bike", distance_meters=50_000, completed_at=NOW - days(1))
    assert reading_of(activity(mentor, activity_type="bike", distance_meters=1)) is None, "a ride is no run to judge"
    assert reading_of(activity(mentor, activity_type="run", distance_meters=5_000))["value"] == 5_000


def test_the_target_is_scaled_to_the_rules_window():
    make_rule("below_weekly_target", judged="activity", threshold_days=14, parameters={"weekly_target": 10_000})
    assert reading_of(activity(make_mentor(), distance_meters=1))["limit"] == 20_000


def test_judged_every_day_it_looks_back_from_now():
    make_rule("below_weekly_target", judged="daily", threshold_days=7, parameters={"weekly_target": 1_000})
    mentor = make_mentor()
    assert fires_on(mentor)
    make_activity(mentor, distance_meters=1_000, completed_at=NOW)
    assert not fires_on(mentor)


def test_who_has_not_been_there_for_the_whole_window_is_left_alone():
    make_rule("below_weekly_target", judged="daily", threshold_days=7, parameters={"weekly_target": 1_000})
    returned = make_mentor()
    make_pause(returned, starts_at=NOW - days(30), ends_at=NOW - days(7) + MOMENT)
    assert not fires_on(returned)
    assert fires_on(returned, at=NOW + MOMENT)
    assert not fires_on(make_mentor(joined_at=NOW - days(7) + MOMENT))
    assert fires_on(make_mentor(joined_at=NOW - days(7)))
