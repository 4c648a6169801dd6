"""What is compiled is kept and asked again with other values: it must say what the rules say now, and nothing else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scenarios import gates
from scenarios.engine import Frame, Range, in_force, in_force_kept, judge
from scenarios.engine.rows import MANY
from scenarios.models import Decision, Rule, RuleVersion
from scenarios.models.decisions import Reason
from scenarios.operations import save_rule
from scenarios.what_if import preview
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_chapter,
    make_membership,
    make_mentor,
    make_organization,
    make_rule,
)
from tests.scenarios.weighing import EVERYBODY, activity, decide, fired, matches, reading_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def idle():
    return make_mentor(idle_for=days(20))


def test_an_edited_rule_is_weighed_as_it_says_now(idle):
    rule = make_rule(threshold_days=14)
    assert decide(run_id="run_before").notified == 1
    rule.threshold_days, rule.cooldown_days = 30, 0
    save_rule(rule, now=NOW + days(1))
    assert decide(at=NOW + days(2), run_id="run_after").weighed == 1
    assert not Decision.objects.filter(run_id="run_after").exists()


def test_a_version_that_was_changed_where_it_stands_is_read_again(idle):
    make_rule(threshold_days=14)
    assert [version.threshold_days for version in in_force_kept(NOW)] == [14]
    RuleVersion.objects.update(threshold_days=15)
    assert [version.threshold_days for version in in_force_kept(NOW)] == [15]


def test_the_rules_are_read_once_for_many_batches():
    make_rule()
    in_force_kept(NOW)
    with CaptureQueriesContext(connection) as statements:
        assert in_force_kept(NOW) == in_force_kept(NOW + days(1)) == in_force(NOW)
    assert len(statements) == 3


def test_without_rules_nothing_fires(idle):
    assert in_force_kept(NOW) == []
    assert decide().weighed == 1


def test_two_drafts_are_told_apart_although_neither_has_a_key(idle):
    rule = make_rule(threshold_days=90)
    for threshold, heard in ((20, 1), (21, 0), (20, 1)):
        draft = RuleVersion(rule_id=rule.pk, **{**rule.terms(), "threshold_days": threshold})
        assert len(preview(draft, now=NOW)) == heard


def test_the_same_draft_is_looked_at_again_after_it_was_changed(idle):
    rule = make_rule(threshold_days=90)
    draft = RuleVersion(rule_id=rule.pk, **{**rule.terms(), "threshold_days": 20})
    assert len(preview(draft, now=NOW)) == 1
    draft.threshold_days = 21
    assert preview(draft, now=NOW) == []


@pytest.mark.parametrize("word", ["50 %", "%s", "%(lo)s", "{lo}", "it's", 'so "called"', "back\\slash", "%%"])
def test_whatever_staff_write_stays_a_word(word):
    make_rule("activity_completed", parameters={"activity_types": [word]})
    mentor = make_mentor()
    assert matches(mentor, activity_type=word)
    assert not matches(mentor, activity_type="visit")


def test_the_same_statement_is_asked_about_another_activity():
    make_rule("first_contact")
    one, other = make_mentor(), make_mentor()
    make_activity(one, contact_id="contact_1", completed_at=NOW - days(1))
    assert not matches(one, contact_id="contact_1")
    assert matches(one, contact_id="contact_2")
    assert matches(other, contact_id="contact_1")


def test_two_ranges_each_see_their_own_mentors():
    make_rule(threshold_days=14)
    mentors = [make_mentor(idle_for=days(20)) for _ in range(4)]
    frame = Frame.at(NOW)
    halves = [judge(in_force(NOW), Range(half[0].pk, half[-1].pk), frame) for half in (mentors[:2], mentors[2:])]
    assert [sorted(hits.mentor_ids) for hits in halves] == [[m.pk for m in mentors[:2]], [m.pk for m in mentors[2:]]]


@pytest.mark.parametrize("named", [True, False], ids=["named", "all"])
def test_what_was_told_in_the_very_same_moment_is_recorded_as_told(idle, named, monkeypatch):
    """Two who decide at once can't see each other; the unique key can, and what it refuses isn't lost."""
    make_rule(threshold_days=14, cooldown_days=0)
    decide(run_id="run_first")
    monkeypatch.setattr(gates, "HISTORY", ())
    monkeypatch.setattr(gates, "OUTRANKED", (Reason.OUTRANKED, "FALSE"))
    monkeypatch.setattr(gates, "_too_soon", "FALSE")
    verdict = decide(*([idle] if named else []), run_id="run_second")
    late = Decision.objects.get(run_id="run_second")
    assert (late.reason, late.outcome, late.readings != {}) == ("already_told", "", True)
    if named:
        assert verdict.results[idle.pk].reason == "already_told"


def very_many_rules(terms: dict) -> list[Rule]:
    """Make a chapter of its own for each of many rules, so that they are compared as rows."""
    organization = make_organization()
    return [
        make_rule(
            organization=organization,
            chapter=make_chapter(organization),
            **{"scenario_id": "idle", "threshold_days": 10 + n, **terms},
        )
        for n in range(MANY)
    ]


def test_of_very_many_rules_each_mentor_meets_those_of_their_chapter():
    rules = very_many_rules({})
    expected = set()
    for rule in rules[::5]:
        for idle_for in (rule.threshold_days - 1, rule.threshold_days):
            mentor = make_mentor(rule.organization, idle_for=days(idle_for))
            make_membership(mentor, rule.chapter)
        expected.add((mentor.user_id, "idle", ""))
    assert fired() == expected


def test_of_very_many_rules_the_narrowest_wins():
    rules = very_many_rules({})
    organization = rules[0].organization
    make_rule(scenario_id="idle", threshold_days=5)
    make_rule(scenario_id="idle", threshold_days=7, organization=organization)
    member, colleague, stranger = (
        make_mentor(place, idle_for=days(6)) for place in (organization, organization, make_organization())
    )
    make_membership(member, rules[0].chapter)
    assert fired() == {(stranger.user_id, "idle", "")}
    assert fired(at=NOW + days(1)) == {(stranger.user_id, "idle", ""), (colleague.user_id, "idle", "")}
    assert fired(at=NOW + days(4)) == {(user.user_id, "idle", "") for user in (stranger, colleague, member)}


def test_of_very_many_rules_one_counts_once_for_who_joined_its_chapter_twice():
    rule = very_many_rules({})[0]
    mentor = make_mentor(rule.organization, idle_for=days(rule.threshold_days))
    make_membership(mentor, rule.chapter, ends_at=NOW + days(1))
    make_membership(mentor, rule.chapter, starts_at=NOW - days(9))
    hits = judge(in_force(NOW), EVERYBODY, Frame.at(NOW))
    assert hits.mentor_ids == [mentor.pk]


def test_very_many_milestones_are_each_told_once():
    rules = very_many_rules({"trigger_type": "milestone", "threshold_days": None, "parameters": {"counts": [1, 2]}})
    for rule in rules[:2]:
        mentor = make_mentor(rule.organization)
        make_membership(mentor, rule.chapter)
        make_activity(mentor, completed_at=NOW - days(1))
    assert decide(run_id="run_first").notified == 2
    decide(at=NOW + days(40), run_id="run_second")
    assert not Decision.objects.filter(run_id="run_second").exists()
    make_activity(mentor, completed_at=NOW + days(40))
    assert decide(at=NOW + days(41), run_id="run_third").notified == 1
    assert Decision.objects.get(run_id="run_third").mentor == mentor


def test_very_many_rules_are_explained_to_one_mentor_by_their_own_chapters_rule():
    rule = very_many_rules({})[3]
    mentor = make_mentor(rule.organization, idle_for=days(rule.threshold_days))
    make_membership(mentor, rule.chapter)
    assert fired(mentor) == {(mentor.user_id, "idle", "")}
    assert decide(mentor).results[mentor.pk].notified
    assert Decision.objects.get().rule == rule


def test_very_many_rules_leave_a_posted_activity_to_those_of_its_chapter():
    rules = very_many_rules({"trigger_type": "long_session", "judged": "activity"})
    mentor = make_mentor(rules[0].organization)
    long = activity(mentor, duration_seconds=7200)
    assert reading_of(long, chapter_id=rules[5].chapter_id) == {"seconds": 7200}
    assert reading_of(long, chapter_id="ch_elsewhere") is None
