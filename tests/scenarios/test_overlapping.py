"""Two rules that look for the same thing among the same people are named; what replaces the other is said apart."""

import pytest

from scenarios.what_if import neighbours
from tests.factories import NOW, days, make_chapter, make_membership, make_mentor, make_organization, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def oslo():
    return make_organization(name="Oslo")


@pytest.fixture
def frogner(oslo):
    return make_chapter(oslo, name="Frogner")


def overlapping(rule) -> dict:
    """Return the rules that it overlaps with, and how many mentors match both."""
    return {overlap.version.rule_id: overlap.both for overlap in neighbours(rule, now=NOW).overlaps}


def test_a_shared_rule_and_a_chapters_rule_overlap_for_those_who_match_both(oslo, frogner):
    for idle_for, chapters in ((20, [frogner]), (16, [frogner]), (40, [])):
        mentor = make_mentor(oslo, idle_for=days(idle_for))
        for chapter in chapters:
            make_membership(mentor, chapter)
    shared = make_rule(threshold_days=18)
    own = make_rule(threshold_days=14, organization=oslo, chapter=frogner)
    assert overlapping(own) == {shared.pk: 1}
    assert overlapping(shared) == {own.pk: 1}


def test_different_chapters_and_different_organisations_do_not_overlap(oslo, frogner):
    rule = make_rule(organization=oslo, chapter=frogner)
    make_rule(organization=oslo, chapter=make_chapter(oslo))
    make_rule(organization=make_organization())
    assert overlapping(rule) == {}


def test_rules_that_look_for_different_things_do_not_overlap():
    rule = make_rule()
    make_rule("milestone")
    make_rule("certification_expiry")
    assert overlapping(rule) == {}


def test_two_kinds_of_trigger_that_notice_silence_look_for_the_same():
    rule, missed = make_rule(), make_rule("activity_missed", judged="daily")
    make_rule("activity_missed", judged="activity")
    assert overlapping(rule) == {missed.pk: 0}


@pytest.mark.parametrize(
    ("mine", "theirs", "meet"),
    [
        ({"activity_types": ["run"]}, {"activity_types": ["bike"]}, False),
        ({"activity_types": ["run"]}, {"activity_types": ["bike", "run"]}, True),
        ({"activity_types": ["run"]}, {}, True),
        ({"contact_types": ["phone"]}, {"contact_types": ["*"]}, True),
        ({"contact_types": ["phone"]}, {"contact_types": ["visit"]}, False),
        ({"max_minutes": 30}, {"min_minutes": 30}, True),
        ({"max_minutes": 29}, {"min_minutes": 30}, False),
        ({"max_minutes": 0}, {"min_minutes": 1}, False),
    ],
)
def test_filters_that_no_activity_passes_both_of_keep_rules_apart(mine, theirs, meet):
    make_rule("activity_missed", parameters=theirs)
    assert bool(overlapping(make_rule("activity_missed", parameters=mine))) is meet


def test_different_flags_and_different_milestones_keep_rules_apart():
    rule = make_rule("wellbeing_flag", parameters={"flags": ["low_mood"]})
    make_rule("wellbeing_flag", parameters={"flags": ["fatigue"]})
    assert overlapping(rule) == {}
    counting = make_rule("milestone", parameters={"counts": [50]})
    make_rule("milestone", parameters={"counts": [100]})
    assert overlapping(counting) == {}


@pytest.mark.parametrize(("state", "named"), [("on", True), ("watching", True), ("off", False), ("draft", False)])
def test_only_rules_that_are_evaluated_are_named(state, named):
    rule = make_rule(state="draft")
    make_rule(state=state)
    assert bool(overlapping(rule)) is named


def test_a_rule_of_the_same_scenario_does_not_overlap_it_replaces(oslo, frogner):
    shared = make_rule(scenario_id="idle")
    own = make_rule(scenario_id="idle", organization=oslo, chapter=frogner)
    found = neighbours(own, now=NOW)
    assert (found.overlaps, [version.rule_id for version in found.replaces]) == ([], [shared.pk])
    assert [version.rule_id for version in neighbours(shared, now=NOW).replaced_by] == [own.pk]


def test_a_rule_that_is_replaced_wherever_the_other_holds_does_not_overlap(oslo, frogner):
    shared = make_rule(scenario_id="idle")
    in_oslo = make_rule(scenario_id="idle", organization=oslo)
    own = make_rule(organization=oslo, chapter=frogner)
    assert set(overlapping(own)) == {in_oslo.pk}
    assert set(overlapping(shared)) == set()


def test_rules_for_activities_are_named_without_a_number():
    rule, other = make_rule("long_session"), make_rule("long_session")
    assert overlapping(rule) == {other.pk: None}
