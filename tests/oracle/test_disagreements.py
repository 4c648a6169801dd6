"""Where oracle and engine once differed, as small as it gets."""

from datetime import timedelta

import pytest

from scenarios.models import Decision
from scenarios.operations import no_longer_due, save_rule
from tests.factories import NOW, days, make_activity, make_chapter, make_membership, make_mentor, make_rule
from tests.scenarios.weighing import decide

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


def test_a_narrower_rule_replaces_a_shared_one_that_is_judged_at_another_time():
    chapter = make_chapter()
    make_rule(scenario_id="idle")
    make_rule("activity_missed", scenario_id="idle", judged="activity", organization=chapter.organization)
    assert decide(make_mentor(chapter.organization, idle_for=days(40))).notified == 0
