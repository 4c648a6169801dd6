"""The seeded log of evaluations says what our rules say."""

from datetime import UTC, datetime

import pytest

from config import demo
from notifications.models import Notification
from scenarios.engine import Frame, Logged, judge, rules_for_activities
from scenarios.models import Decision, Evaluation
from scenarios.operations import evaluate_activity


def fires(evaluation: Evaluation) -> set[str]:
    """Judge the activity again, as it was known then; return the rules that fire."""
    then = evaluation.evaluated_at
    rules = rules_for_activities(then, evaluation.chapter)
    assert len(rules) == evaluation.rules_evaluated
    share = Logged(evaluation.activity.mentor_id, evaluation.activity, evaluation.chapter_id)
    hits = judge(rules, share, Frame(evaluation.activity.completed_at, then, then))
    names = {rule.pk: rule.rule_id for rule in rules}
    return {names[version_id] for version_id in hits.version_ids}


@pytest.mark.parametrize("year", [2026, 2029])
def test_each_record_lists_what_fires_when_it_is_judged_again_as_it_was_known_then(db, year):
    demo.seed(now=datetime(year, 11, 21, 23, 30, tzinfo=UTC))
    evaluations = Evaluation.objects.select_related("activity", "chapter").prefetch_related("decisions")
    assert len(evaluations) == 142
    for evaluation in evaluations:
        recorded = {decision.rule_id for decision in evaluation.decisions.all()}
        assert recorded == fires(evaluation), evaluation
        assert len(recorded) == evaluation.triggered_count


def test_whoever_was_told_has_the_message_and_nothing_waits(seeded_at):
    decisions = Decision.objects.filter(evaluation__isnull=False)
    assert set(decisions.values_list("outcome", "reason")) == {("told", ""), ("", "outranked")}
    told = decisions.filter(outcome="told")
    assert set(Notification.objects.filter(decision__in=told).values_list("decision", "status")) == {
        (pk, "sent") for pk in told.values_list("pk", flat=True)
    }


def test_the_printed_one_is_the_newest_and_nobody_hears_twice_of_its_activity(seeded_at):
    newest = Evaluation.objects.first()
    assert newest is not None and newest.pk == "eval_f2c9a1"
    again = evaluate_activity(newest.activity, newest.chapter, now=seeded_at)
    assert again.triggered_count == 1, "the run of 20 March is known by now"
    assert again.decisions.get().reason == "already_told"
