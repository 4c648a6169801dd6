"""Inactivity: the time since the last logged activity, at the earliest since joining or the end of the last pause."""

from datetime import timedelta

import pytest

from tests.factories import NOW, days, make_activity, make_mentor, make_pause, make_rule
from tests.scenarios.weighing import fires_on

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def rule():
    return make_rule("inactivity", threshold_days=14)


def test_is_quiet_just_before_the_threshold():
    assert not fires_on(make_mentor(idle_for=days(14) - MOMENT))


def test_fires_exactly_at_the_threshold():
    assert fires_on(make_mentor(idle_for=days(14)))


def test_fires_after_the_threshold():
    assert fires_on(make_mentor(idle_for=days(15)))


def test_counts_from_joining_when_nothing_was_ever_logged():
    assert fires_on(make_mentor(joined_at=NOW - days(14)))
    assert not fires_on(make_mentor(joined_at=NOW - days(14) + MOMENT))


def test_counts_from_the_end_of_the_last_pause():
    mentor = make_mentor(idle_for=days(100))
    make_pause(mentor, starts_at=NOW - days(60), ends_at=NOW - days(50))
    make_pause(mentor, starts_at=NOW - days(30), ends_at=NOW - days(13))
    assert not fires_on(mentor)
    assert fires_on(mentor, at=NOW + days(1))


def test_a_pause_that_ended_before_the_last_activity_changes_nothing():
    mentor = make_mentor(idle_for=days(10))
    make_pause(mentor, starts_at=NOW - days(60), ends_at=NOW - days(50))
    assert not fires_on(mentor)
    assert fires_on(mentor, at=NOW + days(4))


def test_an_activity_logged_for_later_does_not_count_yet():
    mentor = make_mentor(idle_for=days(20))
    make_activity(mentor, completed_at=NOW + MOMENT, recorded_at=NOW - days(1))
    assert fires_on(mentor)


def test_a_withdrawn_activity_never_happened_once_it_is_withdrawn():
    mentor = make_mentor(idle_for=days(20))
    make_activity(mentor, completed_at=NOW - days(2), withdrawn_at=NOW - days(1))
    assert fires_on(mentor)
    assert not fires_on(mentor, known_at=NOW - days(1.5))


def test_elapsed_time_is_compared_and_not_calendar_days_in_the_night_the_clocks_change():
    # Oslo's clocks skip an hour on 29 March 2026: 14 calendar days are then 14 * 24 - 1 hours.
    switch = NOW + days(5)
    mentor = make_mentor(idle_for=days(14) - timedelta(hours=1), now=switch)
    assert not fires_on(mentor, at=switch)
    assert fires_on(mentor, at=switch + timedelta(hours=1))
