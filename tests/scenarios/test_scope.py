"""To whom a rule applies, and which rule of a scenario wins."""

import pytest

from scenarios.operations import save_rule
from tests.factories import LONG_AGO, NOW, days, make_chapter, make_membership, make_mentor, make_rule
from tests.scenarios.weighing import decide, fired

pytestmark = pytest.mark.django_db


@pytest.fixture
def chapter():
    return make_chapter()


@pytest.fixture
def mentor(chapter):
    mentor = make_mentor(chapter.organization, idle_for=days(20))
    make_membership(mentor, chapter)
    return mentor


def scenarios_fired(mentor) -> set[str]:
    return {scenario for _user, scenario, _subject in fired(mentor)}


def test_a_shared_rule_is_everybodys(mentor):
    make_rule(scenario_id="idle")
    assert scenarios_fired(mentor) == {"idle"}


def test_an_organisations_rule_stays_there(mentor):
    make_rule(scenario_id="idle", organization=mentor.organization)
    assert scenarios_fired(mentor) == {"idle"}
    assert scenarios_fired(make_mentor(idle_for=days(20))) == set()


def test_a_chapters_rule_holds_for_its_current_members(mentor, chapter):
    make_rule(scenario_id="idle", organization=chapter.organization, chapter=chapter)
    former = make_mentor(chapter.organization, idle_for=days(20))
    make_membership(former, chapter, starts_at=LONG_AGO, ends_at=NOW)
    stranger = make_mentor(chapter.organization, idle_for=days(20))
    assert scenarios_fired(mentor) == {"idle"}
    assert scenarios_fired(former) == scenarios_fired(stranger) == set()


def test_the_most_specific_rule_of_a_scenario_replaces_the_others(mentor, chapter):
    make_rule(scenario_id="idle", threshold_days=5)
    make_rule(scenario_id="idle", threshold_days=14, organization=chapter.organization)
    make_rule(scenario_id="idle", threshold_days=100, organization=chapter.organization, chapter=chapter)
    colleague = make_mentor(chapter.organization, idle_for=days(10))
    elsewhere = make_mentor(idle_for=days(10))
    assert scenarios_fired(mentor) == set(), "the chapter allows 100 days"
    assert scenarios_fired(colleague) == set(), "the organisation allows 14 days"
    assert scenarios_fired(elsewhere) == {"idle"}, "elsewhere the shared rule of 5 days holds"


def test_a_rule_that_is_turned_off_replaces_nothing(mentor):
    make_rule(scenario_id="idle", threshold_days=5)
    own = make_rule(scenario_id="idle", threshold_days=100, organization=mentor.organization)
    assert scenarios_fired(mentor) == set()
    own.state = "off"
    save_rule(own, now=NOW - days(1))
    assert scenarios_fired(mentor) == {"idle"}


def test_a_run_uses_the_rules_as_they_were_when_it_started(mentor):
    rule = make_rule(scenario_id="idle", threshold_days=5)
    rule.threshold_days = 300
    save_rule(rule, now=NOW + days(1))
    assert fired(at=NOW)
    assert not fired(at=NOW + days(1))


def test_a_mentor_of_two_chapters_hears_once(mentor, chapter):
    other = make_chapter(chapter.organization)
    make_membership(mentor, other)
    for number, place in enumerate((chapter, other)):
        make_rule(id=f"rule_{number}", scenario_id="idle", organization=chapter.organization, chapter=place, priority=1)
    assert decide(mentor).notified == 1
    assert sorted(mentor.decisions.values_list("reason", flat=True)) == ["", "outranked"]
