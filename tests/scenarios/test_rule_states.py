"""A rule lives through states: one that watches decides like one that is on, and nobody hears of it."""

import pytest

from scenarios import operations
from scenarios.engine import explain
from scenarios.models import Decision, Evaluation, Rule
from scenarios.operations import RuleConflict, evaluate_activity, no_longer_due, save_rule, set_rule_state
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_chapter,
    make_membership,
    make_mentor,
    make_opt_out,
    make_organization,
    make_rule,
    make_template,
)
from tests.scenarios.weighing import activity, decide, reason_for, reasons

pytestmark = pytest.mark.django_db
TOMORROW = NOW + days(1)


@pytest.fixture
def watching():
    return make_rule(scenario_id="watched", state="watching", priority=1)


def test_a_rule_that_watches_records_whom_it_would_have_written_to_and_writes_to_nobody(watching):
    verdict = decide(make_mentor(idle_for=days(20)))
    decision = Decision.objects.get()
    assert (decision.reason, decision.outcome, verdict.notified) == ("watching", "", 0)
    assert explain(decision).endswith("Not told: this rule only watches.")


def test_what_another_gate_stops_keeps_that_gates_reason(watching):
    mentor = make_mentor(idle_for=days(20))
    make_opt_out(mentor)
    assert reason_for(mentor) == "user_opted_out"


@pytest.mark.parametrize("state", ["draft", "off", "retired"])
def test_a_rule_in_any_other_state_decides_nothing(state):
    make_rule(state=state)
    decide(make_mentor(idle_for=days(20)))
    assert not Decision.objects.exists()


def test_a_rule_that_watches_outranks_nobody(watching):
    make_rule(scenario_id="on", priority=9)
    make_rule(scenario_id="watched_too", state="watching", priority=5)
    decide(make_mentor(idle_for=days(20)))
    assert reasons() == {"watched": "watching", "watched_too": "watching", "on": ""}


def test_a_rule_that_watches_is_outranked_by_one_that_is_on_and_goes_first():
    make_rule(scenario_id="on", priority=1)
    make_rule(scenario_id="watched", state="watching", priority=2)
    decide(make_mentor(idle_for=days(20)))
    assert reasons() == {"watched": "outranked", "on": ""}


def test_a_rule_that_watches_takes_no_occasion_and_starts_no_cooldown(watching):
    mentor = make_mentor(idle_for=days(20))
    assert reason_for(mentor) == "watching"
    set_rule_state(watching, "on", now=NOW)
    assert reason_for(mentor, run_id="run_2") == ""


def test_a_rule_that_watches_counts_to_no_cap(watching):
    mentor = make_mentor(make_organization(weekly_cap=1), idle_for=days(20))
    decide(mentor)
    make_rule(scenario_id="on", priority=9)
    decide(mentor, run_id="run_2")
    assert reasons("run_2") == {"watched": "watching", "on": ""}


def test_a_chapters_rule_that_watches_does_not_silence_the_organisations_rule():
    chapter = make_chapter()
    mentor = make_mentor(chapter.organization, idle_for=days(20))
    make_membership(mentor, chapter)
    make_rule(scenario_id="idle", organization=chapter.organization, name="all")
    own = make_rule(
        scenario_id="idle", organization=chapter.organization, chapter=chapter, name="own", state="watching"
    )
    decide(mentor)
    assert dict(Decision.objects.values_list("rule__name", "reason")) == {"all": "", "own": "outranked"}
    set_rule_state(own, "on", now=NOW)
    decide(mentor, at=TOMORROW, run_id="run_2")
    assert [row.rule.name for row in Decision.objects.filter(run_id="run_2")] == ["own"], "on, it takes its place"


def test_an_activity_is_judged_by_a_rule_that_watches_too():
    chapter = make_chapter()
    mentor = make_mentor(chapter.organization)
    make_rule("activity_completed", scenario_id="done", judged="activity")
    make_rule(
        "activity_completed",
        scenario_id="done",
        judged="activity",
        state="watching",
        organization=chapter.organization,
        chapter=chapter,
    )
    evaluate_activity(activity(mentor), chapter, now=NOW)
    assert sorted(Decision.objects.values_list("reason", flat=True)) == ["", "outranked"]
    assert Evaluation.objects.get().triggered_count == 2


@pytest.mark.parametrize("state", ["watching", "off", "retired"])
def test_what_waits_is_withdrawn_when_its_rule_is_no_longer_on(state):
    rule = make_rule(delay_hours=24)
    decide(make_mentor(idle_for=days(20)))
    decision = Decision.objects.get()
    set_rule_state(rule, state, now=NOW)
    assert no_longer_due([decision.pk], now=TOMORROW) == {decision.pk: "rule_disabled"}


def test_a_watching_rules_milestone_comes_again_until_it_is_on(db):
    rule = make_rule("milestone", parameters={"counts": [1]}, state="watching")
    mentor = make_mentor(idle_for=days(1))
    assert [reason_for(mentor, at=NOW + days(n), run_id=f"run_{n}") for n in (0, 1)] == ["watching"] * 2
    set_rule_state(rule, "on", now=NOW + days(2))
    assert reason_for(mentor, at=NOW + days(2), run_id="run_2") == ""


def test_the_number_of_mentors_that_a_watching_rule_would_have_written_to_counts_each_once(watching):
    first, second = (make_mentor(idle_for=days(20)) for _ in range(2))
    make_opt_out(second)
    for n in range(3):
        decide(at=NOW + days(n), run_id=f"run_{n}")
    make_activity(first, completed_at=NOW + days(2))
    last = NOW + days(2)
    assert operations.watched([watching.pk], now=last) == {watching.pk: 1}
    assert operations.watched([watching.pk], now=last + days(7)) == {}


def new_rule(**fields) -> Rule:
    said = {"name": "New", "scenario_id": "new", "trigger_type": "inactivity", "threshold_days": 14}
    return Rule(**said, prompt_template=make_template(), **fields)


def test_a_new_rule_is_a_draft():
    assert save_rule(new_rule(), now=NOW).state == "draft"


@pytest.mark.parametrize("state", ["on", "off", "retired"])
def test_a_new_rule_can_not_be_on_at_once(state):
    with pytest.raises(RuleConflict, match="can't go from"):
        save_rule(new_rule(state=state), now=NOW)
    assert not Rule.objects.exists()


ALLOWED = {
    ("draft", "watching"), ("draft", "on"), ("watching", "on"), ("watching", "off"), ("on", "watching"),
    ("on", "off"), ("off", "on"), ("off", "watching"),
    *((state, "retired") for state in ("draft", "watching", "on", "off")),
}  # fmt: skip


@pytest.mark.parametrize("was", ["draft", "watching", "on", "off", "retired"])
def test_the_states_follow_each_other_in_order(was):
    reached = set()
    for state in ("draft", "watching", "on", "off", "retired"):
        rule = make_rule(state=was)
        try:
            set_rule_state(rule, state, now=NOW)
        except RuleConflict:
            assert rule.versions.count() == 1
        else:
            reached.add((was, state))
    assert reached - {(was, was)} == {pair for pair in ALLOWED if pair[0] == was}


def test_a_retired_rule_comes_back_by_restoring_a_version_alone():
    rule = make_rule()
    set_rule_state(rule, "retired", now=NOW)
    rule.refresh_from_db()
    rule.state = "on"
    with pytest.raises(RuleConflict, match="restore one of its versions"):
        save_rule(rule, now=NOW)
    assert save_rule(rule, restoring=True, now=NOW).state == "on"


def test_turning_a_rule_on_is_refused_in_the_words_of_who_looks_at_it_first(monkeypatch):
    monkeypatch.setattr("scenarios.operations.rules.turn_on_checks", [lambda rule: f"Not {rule.name}."])
    rule = make_rule(name="this one", state="draft")
    with pytest.raises(RuleConflict, match="Not this one"):
        set_rule_state(rule, "on", now=NOW)
    rule.refresh_from_db()
    assert rule.state == "draft"
    set_rule_state(rule, "watching", now=NOW)


def test_a_change_to_a_rule_that_is_on_already_is_not_asked_again(monkeypatch):
    monkeypatch.setattr("scenarios.operations.rules.turn_on_checks", [lambda _rule: "No."])
    rule = make_rule()
    rule.threshold_days = 21
    assert save_rule(rule, now=NOW).threshold_days == 21


def test_setting_the_state_changes_nothing_else_that_somebody_has_saved_meanwhile():
    rule = make_rule(threshold_days=14)
    stale = Rule.objects.get(pk=rule.pk)
    rule.threshold_days = 21
    save_rule(rule, now=NOW)
    assert set_rule_state(stale, "off", now=NOW).threshold_days == 21
