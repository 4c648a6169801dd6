"""Where oracle and engine once differed, as small as it gets."""

from datetime import timedelta

import pytest

from scenarios.models import Activity, Decision
from scenarios.operations import amend, evaluate_activity, no_longer_due, save_rule
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_chapter,
    make_membership,
    make_mentor,
    make_pause,
    make_rule,
)
from tests.scenarios.weighing import activity, decide

pytestmark = pytest.mark.django_db
TOMORROW = NOW + days(1)


def test_a_milestone_that_waits_is_still_true_when_it_is_due():
    make_rule("milestone", parameters={"counts": [1]}, delay_hours=24)
    decide(make_mentor(idle_for=days(1)))
    decision = Decision.objects.get()
    assert no_longer_due([decision.pk], now=TOMORROW) == {}


def test_a_milestone_lower_than_one_that_was_told_is_passed_whatever_the_list_says_now():
    rule = make_rule("milestone", parameters={"counts": [2]}, cooldown_days=0)
    mentor = make_mentor(idle_for=days(1))
    make_activity(mentor, completed_at=NOW - days(2))
    decide(mentor)
    rule.parameters = {"counts": [1]}
    save_rule(rule, now=NOW + timedelta(hours=1))
    decide(mentor, at=TOMORROW, run_id="run_2")
    assert list(Decision.objects.values_list("occasion", flat=True)) == ["2026:2"]


def test_a_decision_is_looked_at_again_alone_as_in_a_crowd():
    chapter = make_chapter()
    make_rule(scenario_id="idle", delay_hours=24)
    make_rule(scenario_id="idle", delay_hours=24, organization=chapter.organization, chapter=chapter)
    member, newcomer = (make_mentor(chapter.organization, idle_for=days(40)) for _ in range(2))
    make_membership(member, chapter)
    decide()
    joined = NOW + timedelta(hours=1)
    make_membership(newcomer, chapter, starts_at=joined, recorded_at=joined)
    mine, other = (Decision.objects.get(mentor=mentor).pk for mentor in (newcomer, member))
    alone, together = (no_longer_due(ids, now=TOMORROW) for ids in ([mine], [mine, other]))
    assert alone.get(mine) == together.get(mine)


def test_looking_again_a_rule_that_was_turned_off_replaces_nothing():
    chapter = make_chapter()
    make_rule(scenario_id="idle", delay_hours=24)
    own = make_rule(scenario_id="idle", delay_hours=24, organization=chapter.organization, chapter=chapter)
    member, newcomer = (make_mentor(chapter.organization, idle_for=days(40)) for _ in range(2))
    make_membership(member, chapter)
    decide()
    later = NOW + timedelta(hours=1)
    make_membership(newcomer, chapter, starts_at=later, recorded_at=later)
    own.state = "off"
    save_rule(own, now=later)
    mine, other = (Decision.objects.get(mentor=mentor).pk for mentor in (newcomer, member))
    assert no_longer_due([mine], now=TOMORROW) == {}
    assert no_longer_due([mine, other], now=TOMORROW) == {other: "rule_disabled"}


def test_a_narrower_rule_replaces_a_shared_one_that_is_judged_at_another_time():
    chapter = make_chapter()
    make_rule(scenario_id="idle")
    make_rule("activity_missed", scenario_id="idle", judged="activity", organization=chapter.organization)
    assert decide(make_mentor(chapter.organization, idle_for=days(40))).notified == 0


def test_of_a_named_mentor_whose_leaving_is_not_known_yet_the_pause_is_said():
    mentor = make_mentor(left_at=NOW - days(3), left_recorded_at=NOW + days(1))
    make_pause(mentor, starts_at=NOW - days(9))
    assert decide(mentor).results[mentor.pk].reason == "mentor_paused"


def test_an_activity_that_turns_out_to_be_somebody_elses_is_no_longer_true():
    make_rule("activity_completed", judged="activity", delay_hours=24)
    chapter = make_chapter()
    mentor, other = (make_mentor(chapter.organization) for _ in range(2))
    evaluate_activity(activity(mentor), chapter, now=NOW)
    logged = Activity.objects.get()
    logged.mentor = other
    amend(logged, now=NOW + timedelta(hours=1))
    decision = Decision.objects.get()
    assert no_longer_due([decision.pk], now=TOMORROW) == {decision.pk: "no_longer_true"}
