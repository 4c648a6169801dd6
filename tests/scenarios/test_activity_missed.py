"""Activity missed: the time without a matching activity before the one that is judged, or until now."""

from datetime import timedelta

import pytest

from tests.factories import NOW, days, make_activity, make_mentor, make_pause, make_rule
from tests.scenarios.weighing import activity, fires_on, matches, reading_of

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def rule():
    return make_rule(
        "activity_missed", judged="activity", threshold_days=3, parameters={"activity_types": ["run", "bike"]}
    )


@pytest.mark.parametrize(("gap", "fires"), [(days(3) - MOMENT, False), (days(3), True), (days(4), True)])
def test_the_gap_before_the_judged_activity_is_measured(rule, gap, fires):
    mentor = make_mentor()
    make_activity(mentor, activity_type="run", completed_at=NOW - gap)
    assert matches(mentor, activity_type="run") is fires


def test_the_judged_activity_itself_is_not_before_itself(rule):
    mentor = make_mentor()
    make_activity(mentor, activity_type="run", completed_at=NOW - days(9))
    stored = make_activity(mentor, activity_type="run", activity_id="act_proposed", completed_at=NOW)
    assert reading_of(stored) == reading_of(activity(mentor, activity_type="run"))


def test_activities_of_other_kinds_do_not_fill_the_gap(rule):
    mentor = make_mentor()
    make_activity(mentor, activity_type="phone", completed_at=NOW - days(1))
    assert matches(mentor, activity_type="run")


def test_an_activity_of_another_kind_is_not_judged(rule):
    assert not matches(make_mentor(), activity_type="phone")


def test_later_activities_do_not_fill_the_gap_however_late_it_is_judged(rule):
    mentor = make_mentor()
    make_activity(mentor, activity_type="run", completed_at=NOW - days(5))
    make_activity(mentor, activity_type="run", completed_at=NOW + days(1))
    assert matches(mentor, activity_type="run")


def test_counts_from_joining_when_nothing_matches(rule):
    assert matches(make_mentor(joined_at=NOW - days(3)), activity_type="run")
    assert not matches(make_mentor(joined_at=NOW - days(3) + MOMENT), activity_type="run")


def test_a_pause_restarts_the_clock(rule):
    mentor = make_mentor()
    make_pause(mentor, starts_at=NOW - days(20), ends_at=NOW - days(2))
    assert not matches(mentor, activity_type="run")


def test_judged_every_day_it_measures_until_now():
    make_rule("activity_missed", judged="daily", threshold_days=3, parameters={"activity_types": ["run"]})
    assert fires_on(make_mentor(idle_for=days(1))), "a visit is no run"
    runner = make_mentor()
    make_activity(runner, activity_type="run", completed_at=NOW - days(3) + MOMENT)
    assert not fires_on(runner)
