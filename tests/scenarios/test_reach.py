"""Whom a changed rule would reach beside whom it reaches now, by the tests that a run decides with."""

import pytest

from scenarios.models import Decision, RuleVersion
from scenarios.what_if import compare
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_chapter,
    make_human_contact,
    make_membership,
    make_mentor,
    make_organization,
    make_pause,
    make_rule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def oslo():
    return make_organization(name="Oslo")


@pytest.fixture
def frogner(oslo):
    return make_chapter(oslo, name="Frogner")


@pytest.fixture
def people(oslo, frogner):
    """Three mentors of Frogner, two more of Oslo, one of another organisation; all silent for twenty days."""
    members = [make_mentor(oslo, idle_for=days(20)) for _n in range(3)]
    for mentor in members:
        make_membership(mentor, frogner)
    others = [make_mentor(oslo, idle_for=days(20)) for _n in range(2)]
    return {"frogner": members, "oslo": others, "elsewhere": [make_mentor(idle_for=days(20))]}


def changed(rule, **terms):
    for name, value in terms.items():
        setattr(rule, name, value)
    return compare(rule, now=NOW)


def test_a_chapters_rule_for_the_whole_organisation_holds_for_more_and_writes_to_more(people, oslo, frogner):
    change = changed(make_rule(organization=oslo, chapter=frogner), chapter=None)
    assert (change.holding.before, change.holding.after, change.holding.added) == (3, 5, 2)
    assert {row.mentor_id for row in change.new_rows} == {mentor.pk for mentor in people["oslo"]}
    assert change.reaches_more


def test_the_other_way_it_reaches_fewer(people, oslo, frogner):
    change = changed(make_rule(organization=oslo), chapter=frogner)
    assert (change.holding.before, change.holding.after, change.holding.added) == (5, 3, 0)
    assert not change.reaches_more


def test_another_chapter_of_as_many_people_is_more_all_the_same(people, oslo, frogner):
    holmlia = make_chapter(oslo, name="Holmlia")
    make_membership(people["oslo"][0], holmlia)
    change = changed(make_rule(organization=oslo, chapter=frogner), chapter=holmlia)
    assert (change.holding.before, change.holding.after, change.holding.added) == (3, 1, 1)
    assert change.reaches_more


def test_who_is_paused_or_has_left_is_not_counted(people, oslo):
    make_pause(people["oslo"][0], starts_at=NOW - days(1))
    make_mentor(oslo, left_at=NOW - days(1))
    assert changed(make_rule(state="off", organization=oslo), state="on").holding.after == 4


def test_where_a_narrower_rule_replaces_it_a_rule_does_not_hold(people, oslo, frogner):
    make_rule(scenario_id="idle", organization=oslo, chapter=frogner)
    assert changed(make_rule(scenario_id="idle", state="draft", organization=oslo), state="on").holding.after == 2


@pytest.mark.parametrize(("threshold", "more"), [(20, 1), (21, 0), (13, 1), (14, 0)])
def test_fewer_days_reach_more_where_somebody_is_between(threshold, more):
    make_mentor(idle_for=days(20))
    make_mentor(idle_for=days(13))
    rule = make_rule(threshold_days=21 if threshold >= 20 else 14)
    assert changed(rule, threshold_days=threshold).added["writes"] == more


def test_what_a_gate_holds_back_today_is_more_all_the_same():
    mentor = make_mentor(idle_for=days(10))
    make_human_contact(mentor, contacted_at=NOW - days(1))
    change = changed(make_rule(threshold_days=14), threshold_days=7)
    assert (change.added["matches"], change.added["writes"]) == (1, 0)
    assert change.reaches_more


def test_a_filter_that_is_removed_reaches_more():
    visited = make_mentor(idle_for=days(20))
    make_activity(visited, completed_at=NOW - days(1), activity_type="phone")
    rule = make_rule("activity_missed", judged="daily", threshold_days=14)
    assert not changed(rule).reaches_more
    assert changed(rule, parameters={"activity_types": ["visit"]}).reaches_more


@pytest.mark.parametrize(
    ("was", "becomes", "asks"),
    [
        *(("draft", "watching", True), ("draft", "on", True), ("off", "on", True), ("watching", "on", True)),
        *(("on", "watching", False), ("on", "off", False), ("draft", "draft", False), ("off", "retired", False)),
    ],
)
def test_a_rule_that_starts_to_look_or_to_write_reaches_more(was, becomes, asks):
    assert changed(make_rule(state=was), state=becomes).reaches_more is asks


def test_a_draft_may_become_as_wide_as_it_likes(people, oslo):
    assert not changed(make_rule(state="draft", organization=oslo), organization=None, threshold_days=1).reaches_more


def test_a_rule_that_only_watches_writes_to_nobody(people, oslo):
    change = changed(make_rule(state="draft", organization=oslo), state="watching")
    assert (len(change.after.matches), len(change.after.writes)) == (5, 0)


def test_a_rule_that_looks_for_something_else_is_asked_about_whoever_it_matches():
    assert changed(make_rule(), trigger_type="activity_missed").reaches_more
    assert changed(make_rule("activity_missed", judged="daily"), judged="activity").reaches_more


def test_another_name_or_text_or_hour_reaches_nobody_new(people, django_assert_num_queries):
    rule = make_rule()
    rule.name, rule.delay_hours = "Another name", 3
    with django_assert_num_queries(1):
        assert not compare(rule, now=NOW).reaches_more


def test_a_narrower_rule_that_is_turned_off_gives_its_people_back_to_the_wider_one(people, oslo, frogner):
    wider = make_rule(scenario_id="idle", threshold_days=30)
    own = make_rule(scenario_id="idle", organization=oslo, chapter=frogner)
    change = changed(own, state="off")
    assert [(given.version.rule_id, given.holding.added) for given in change.widened] == [(wider.pk, 3)]
    assert change.reaches_more


def test_one_that_only_watches_gives_back_what_it_replaced_while_it_was_on(people, oslo, frogner):
    make_rule(scenario_id="idle", threshold_days=30)
    assert changed(make_rule(scenario_id="idle", organization=oslo, chapter=frogner), state="watching").reaches_more


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({"threshold_days": 13}, True),
        ({"threshold_days": 15}, False),
        ({"parameters": {"activity_types": ["visit"]}}, True),
        ({"cooldown_days": 29}, True),
        ({"cooldown_days": 31}, False),
        ({"priority": 1}, True),
        ({"name": "Another name"}, False),
    ],
)
def test_what_may_let_a_rule_for_activities_match_more_is_asked_about(changes, asks):
    assert changed(make_rule("activity_missed", judged="activity"), **changes).reaches_more is asks


def test_a_rule_for_activities_is_not_tried_on_those_of_a_month(monkeypatch):
    monkeypatch.setattr("scenarios.what_if.reach.dry_run", None)
    make_activity(make_mentor(), completed_at=NOW - days(2), duration_seconds=7_200)
    change = changed(make_rule("long_session", state="off"), state="on")
    assert (change.holding.after, change.after.rows) == (1, ())


def test_what_is_compared_is_what_the_run_then_decides_and_nothing_is_written(people, oslo, frogner):
    rule = make_rule(organization=oslo, chapter=frogner)
    change = changed(rule, chapter=None)
    assert len(change.after.writes) == 5
    assert not Decision.objects.exists()
    assert RuleVersion.objects.count() == 1
