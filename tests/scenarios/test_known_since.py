"""Silence before our first knowledge of somebody is no silence: a new organisation writes to nobody on day one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from notifications.readymade import add_default_rules
from scenarios.models import ActivitiesKnownSince, Decision
from scenarios.operations import set_rule_state, state_known_since
from scenarios.what_if import replay
from tests.factories import NOW, days, make_activity, make_mentor, make_organization, make_pause, make_rule
from tests.scenarios.weighing import decide, fires_on, matches

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def organization():
    return make_organization(time_zone="Europe/Oslo")


def entered_today(organization, **fields):
    """Make a mentor who has been with the association for years, and in Peerwell since now."""
    return make_mentor(organization, recorded_at=NOW, **fields)


def test_a_new_organisation_with_ready_made_rules_writes_to_nobody_on_its_first_day(organization):
    mentors = [entered_today(organization, joined_at=NOW - days(1045)) for _ in range(7)]
    for rule in add_default_rules(organization, now=NOW):
        set_rule_state(rule, "on", now=NOW)
    assert decide().weighed == len(mentors)
    assert not Decision.objects.exists()
    assert decide(at=NOW + days(14), run_id="run_2").notified == len(mentors), "nothing was logged for a fortnight"
    readings = Decision.objects.values_list("readings__from", flat=True)
    assert {datetime.fromisoformat(start) for start in readings} == {NOW}, "and the sentence counts from the first day"


@pytest.mark.parametrize(
    ("trigger_type", "fields"),
    [("inactivity", {}), ("activity_missed", {"judged": "daily"}), ("below_weekly_target", {"judged": "daily"})],
)
def test_each_measure_of_silence_counts_from_the_mentors_first_day_here(organization, trigger_type, fields):
    make_rule(trigger_type, threshold_days=14, **fields)
    mentor = entered_today(organization)
    assert not fires_on(mentor, at=NOW + days(14) - MOMENT)
    assert fires_on(mentor, at=NOW + days(14))


@pytest.mark.parametrize("trigger_type", ["activity_missed", "below_weekly_target"])
def test_a_just_logged_activity_is_no_proof_of_a_silence_that_nobody_watched(organization, trigger_type):
    make_rule(trigger_type, threshold_days=7, judged="activity")
    mentor = entered_today(organization)
    small = {"distance_meters": 10}
    assert not matches(mentor, completed_at=NOW + days(7) - MOMENT, **small)
    assert matches(mentor, completed_at=NOW + days(7), **small)


def test_an_activity_from_before_is_no_beginning_of_silence(organization):
    make_rule(threshold_days=14)
    mentor = entered_today(organization)
    make_activity(mentor, completed_at=NOW - days(40), recorded_at=NOW)
    assert not fires_on(mentor)


def test_the_latest_of_all_beginnings_counts(organization):
    make_rule(threshold_days=14)
    mentor = entered_today(organization)
    make_pause(mentor, starts_at=NOW + days(1), ends_at=NOW + days(10))
    assert not fires_on(mentor, at=NOW + days(20))
    assert fires_on(mentor, at=NOW + days(24))


def test_what_is_stated_of_the_log_counts_for_those_who_are_there(organization):
    make_rule(threshold_days=14)
    there = entered_today(organization)
    # Midnight in Oslo.
    state_known_since(organization, date(2026, 3, 20), now=NOW)
    later = make_mentor(organization, recorded_at=NOW + MOMENT)
    silent = datetime(2026, 3, 19, 23, tzinfo=UTC) + days(14)
    assert not fires_on(there, at=silent - MOMENT)
    assert fires_on(there, at=silent)
    assert not fires_on(later, at=silent)
    assert fires_on(later, at=NOW + MOMENT + days(14))


def test_a_statement_reaches_back_beyond_the_mentors_first_day_here(organization):
    make_rule(threshold_days=14)
    mentor = entered_today(organization)
    assert not fires_on(mentor)
    state_known_since(organization, date(2026, 1, 1), now=NOW)
    assert fires_on(mentor)


def test_a_statement_of_another_organisation_says_nothing(organization):
    make_rule(threshold_days=14)
    mentor = entered_today(organization)
    state_known_since(make_organization(), date(2026, 1, 1), now=NOW)
    assert not fires_on(mentor)


def test_a_new_statement_withdraws_the_older_and_the_past_stays_as_it_was(organization):
    make_rule(threshold_days=14)
    mentor = make_mentor(organization, recorded_at=NOW - days(3))
    state_known_since(organization, date(2026, 1, 1), now=NOW - days(2))
    state_known_since(organization, date(2026, 3, 24), now=NOW)
    assert fires_on(mentor, at=NOW - days(1)), "as it was known on that day"
    assert not fires_on(mentor)
    state_known_since(organization, None, now=NOW + MOMENT)
    assert ActivitiesKnownSince.objects.count() == 2
    assert not ActivitiesKnownSince.objects.standing().exists()


def test_the_account_of_a_past_day_counts_as_it_was_known_then(organization):
    make_rule(threshold_days=14)
    mentor = make_mentor(organization, recorded_at=NOW - days(20))
    state_known_since(organization, date(2026, 3, 24), now=NOW)
    (account,) = replay(mentor, instant=NOW - days(1), now=NOW).rules
    assert account.fired
    assert account.differs, "today it would count from what was stated since"
