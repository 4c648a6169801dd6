"""One just-logged activity: stored once, judged by its chapter's rules, told once however often it is posted."""

from datetime import timedelta

import pytest

from scenarios.models import Activity, Decision, Evaluation
from scenarios.operations import ActivityConflict, check_trigger, evaluate_activity, no_longer_due, withdraw
from tests.factories import NOW, days, make_activity, make_chapter, make_mentor, make_pause, make_rule
from tests.scenarios.weighing import activity

pytestmark = pytest.mark.django_db
LATER = NOW + days(2)


@pytest.fixture
def chapter():
    return make_chapter()


@pytest.fixture
def mentor(chapter):
    return make_mentor(chapter.organization, idle_for=days(10))


@pytest.fixture
def rule():
    return make_rule("activity_missed", judged="activity", threshold_days=3, delay_hours=24, cooldown_days=0)


def evaluate(mentor, chapter, *, now=LATER, **fields) -> Evaluation:
    return evaluate_activity(activity(mentor, **fields), chapter, now=now)


def test_stores_the_activity_and_lists_what_fired(rule, mentor, chapter):
    make_rule("long_session")
    evaluation = evaluate(mentor, chapter)
    assert (evaluation.rules_evaluated, evaluation.triggered_count, evaluation.status) == (2, 1, "completed")
    decision = evaluation.decisions.get()
    assert (decision.rule, decision.occasion, decision.outcome) == (rule, "act_proposed", "pending")
    assert decision.scheduled_for == NOW + timedelta(hours=24)
    assert Activity.objects.filter(activity_id="act_proposed").count() == 1


def test_the_same_activity_again_makes_two_records_and_one_message(rule, mentor, chapter):
    first, second = evaluate(mentor, chapter), evaluate(mentor, chapter)
    assert first.pk != second.pk
    assert second.triggered_count == 1
    assert list(Decision.objects.order_by("id").values_list("reason", flat=True)) == ["", "already_told"]
    assert Activity.objects.filter(activity_id="act_proposed").count() == 1


def test_the_same_id_with_other_fields_is_refused_and_changes_nothing(rule, mentor, chapter):
    evaluate(mentor, chapter)
    with pytest.raises(ActivityConflict):
        evaluate(mentor, chapter, distance_meters=7)
    assert Evaluation.objects.count() == 1
    assert Activity.objects.get(activity_id="act_proposed").distance_meters is None


def test_the_cooldown_of_a_scenario_holds_across_activities(mentor, chapter):
    make_rule("long_session", cooldown_days=3)
    for number in range(2):
        evaluate(mentor, chapter, activity_id=f"act_{number}", duration_seconds=7_200)
    assert list(Decision.objects.order_by("id").values_list("reason", flat=True)) == ["", "cooldown_active"]


def test_the_gates_ask_about_now_and_not_about_the_activitys_instant(rule, mentor, chapter):
    make_pause(mentor, starts_at=LATER - days(1))
    assert evaluate(mentor, chapter).decisions.get().reason == "mentor_paused"


def test_rules_of_the_chapter_and_its_organisation_count_and_replace_shared_ones(rule, mentor, chapter):
    other = make_chapter(chapter.organization)
    make_rule("group_activity", organization=chapter.organization, chapter=chapter)
    make_rule("group_activity", organization=chapter.organization, chapter=other)
    make_rule("long_session", organization=make_chapter().organization)
    stricter = make_rule(
        "activity_missed", judged="activity", scenario_id=rule.scenario_id, organization=chapter.organization
    )
    evaluation = evaluate(mentor, chapter, is_group=True)
    assert evaluation.rules_evaluated == 2
    assert stricter not in {decision.rule for decision in evaluation.decisions.all()}, "it allows 14 days"
    assert evaluation.triggered_count == 1


def test_an_error_keeps_the_activity_and_says_failed_and_posting_again_tries_again(rule, mentor, chapter, monkeypatch):
    from scenarios.operations import evaluating

    def broken(*args):
        raise RuntimeError("the engine is out of order")

    monkeypatch.setattr(evaluating, "judge", broken)
    failed = evaluate(mentor, chapter)
    assert (failed.status, failed.triggered_count) == ("failed", 0)
    assert "out of order" in failed.error_message
    assert Activity.objects.filter(activity_id="act_proposed").exists()
    monkeypatch.undo()
    assert evaluate(mentor, chapter).status == "completed"


def test_a_message_that_is_due_since_more_than_a_week_is_stale(rule, mentor, chapter):
    late = NOW + days(8) + timedelta(seconds=1)
    decision = evaluate(mentor, chapter, now=late).decisions.get()
    assert no_longer_due([decision.pk], now=late) == {decision.pk: "stale"}
    assert no_longer_due([decision.pk], now=NOW + days(8)) == {}


def test_an_activity_that_is_taken_back_is_no_longer_true(rule, mentor, chapter):
    decision = evaluate(mentor, chapter).decisions.get()
    withdraw(Activity.objects.get(activity_id="act_proposed"), now=LATER)
    assert no_longer_due([decision.pk], now=LATER + days(1)) == {decision.pk: "no_longer_true"}


def test_an_activity_that_turns_out_to_have_been_earlier_makes_it_untrue(rule, mentor, chapter):
    decision = evaluate(mentor, chapter).decisions.get()
    make_activity(mentor, completed_at=NOW - days(1), recorded_at=LATER)
    assert no_longer_due([decision.pk], now=LATER) == {decision.pk: "no_longer_true"}


@pytest.mark.parametrize(
    ("anchor", "within"),
    [
        (None, True),
        (NOW, True),
        (NOW - timedelta(hours=24), True),
        (NOW - timedelta(hours=24, seconds=1), False),
        (NOW + timedelta(seconds=1), False),
    ],
)
def test_the_delay_window_includes_both_its_ends(rule, mentor, anchor, within):
    check = check_trigger(rule, activity(mentor), anchor=anchor, now=LATER)
    assert (check.matches, check.within_window, check.should_trigger) == (True, within, within)
    assert check.expires_at == (anchor or NOW) + timedelta(hours=24)


def test_a_trigger_check_writes_nothing(rule, mentor):
    before = Activity.objects.count()
    check_trigger(rule, activity(mentor), now=LATER)
    assert Activity.objects.count() == before
    assert not Decision.objects.exists()
    assert not Evaluation.objects.exists()
