"""Preview, dry run and backtest: the very answers that the real runs give, and nothing written."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from scenarios import operations
from scenarios.engine import Frame
from scenarios.models import Decision, RuleVersion
from scenarios.operations import no_longer_due, save_rule, settle
from scenarios.what_if import backtest, dry_run, preview
from tests.factories import NOW, days, make_activity, make_mentor, make_opt_out, make_rule
from tests.scenarios.weighing import EVERYBODY
from tests.scenarios.worlds import make_world

pytestmark = pytest.mark.django_db
BEGINS = datetime(2026, 1, 20, 5, 0, tzinfo=UTC)


def live(instants) -> dict[datetime, set]:
    """Do what the daily runs and the outbox do on those days; return what each day decided."""
    for instant in instants:
        due = Decision.objects.filter(outcome="pending", scheduled_for__lte=instant).order_by("scheduled_for")
        for pk, due_at in list(due.values_list("pk", "scheduled_for")):
            reason = no_longer_due([pk], now=due_at).get(pk, "")
            settle([pk], told=not reason, reason=reason, now=due_at)
        with transaction.atomic():
            operations.decide(EVERYBODY, Frame.at(instant), run_id=f"run_{instant:%m%d}")
    rows = Decision.objects.values_list("instant", "mentor_id", "rule_version_id", "subject", "occasion", "reason")
    recorded = {instant: set() for instant in instants}
    for instant, *decision in rows:
        recorded[instant].add(tuple(decision))
    return recorded


def simulated(days_) -> dict[datetime, set]:
    return {day.instant: as_set(day.decisions) for day in days_}


def as_set(rows) -> set:
    return {(row.mentor_id, row.version.pk, row.subject, row.occasion, row.reason) for row in rows}


def test_a_backtest_of_unchanged_rules_equals_what_ninety_daily_runs_recorded():
    make_world(BEGINS, 90)
    instants = [BEGINS + days(n) for n in range(90)]
    recorded = live(instants)
    reasons = {row[-1] for rows in recorded.values() for row in rows}
    assert {"", "user_opted_out", "human_contact", "cooldown_active", "outranked", "frequency_capped"} <= reasons
    assert Decision.objects.filter(outcome="withdrawn").exists(), "the world must hold some that came untrue"
    before = list(Decision.objects.order_by("pk").values())

    assert simulated(backtest(instants, now=instants[-1])) == recorded
    half = instants[45:]
    assert simulated(backtest(half, now=instants[-1])) == {instant: recorded[instant] for instant in half}
    assert list(Decision.objects.order_by("pk").values()) == before


def test_hindsight_sees_what_was_logged_late():
    make_rule("inactivity", threshold_days=14)
    mentor = make_mentor(idle_for=days(20))
    make_activity(mentor, completed_at=NOW - days(1), recorded_at=NOW + days(1))
    (as_known,) = backtest([NOW], now=NOW + days(2))
    (hindsight,) = backtest([NOW], now=NOW + days(2), hindsight=True)
    assert [row.user_id for row in as_known.decisions] == [mentor.user_id]
    assert hindsight.decisions == []


def test_preview_is_the_dry_run_is_the_run_that_follows():
    make_world(BEGINS, 60, seed=2)
    live([BEGINS + days(n) for n in range(40)])
    now = BEGINS + days(40)
    promised = as_set(dry_run(now=now))
    version = RuleVersion.objects.get(scenario_id="idle", organization=None)
    draft = RuleVersion(rule_id=version.rule_id, **version.terms())
    previewed = {(mentor, subject, reason) for mentor, _v, subject, _o, reason in as_set(preview(draft, now=now))}
    assert promised
    assert previewed == {(m, s, reason) for m, v, s, _o, reason in promised if v == version.pk}

    with transaction.atomic():
        operations.decide(EVERYBODY, Frame.at(now), run_id="run_real")
    real = Decision.objects.filter(run_id="run_real")
    assert promised == set(real.values_list("mentor_id", "rule_version_id", "subject", "occasion", "reason"))


def test_an_unsaved_rule_is_previewed_and_leaves_no_trace():
    mentors = {idle: make_mentor(idle_for=days(idle)) for idle in (5, 9, 30)}
    make_opt_out(mentors[30])
    rule = make_rule("inactivity", threshold_days=14)
    draft = RuleVersion(**{**rule.terms(), "threshold_days": 7, "scenario_id": "a_week"})
    rows = preview(draft, now=NOW)
    assert [(row.user_id, row.reason) for row in rows] == [
        (mentors[9].user_id, ""),
        (mentors[30].user_id, "user_opted_out"),
    ]
    assert rows[0].sentence == "No activity logged for 9 days; the rule allows 7."
    assert RuleVersion.objects.count() == 1
    assert not Decision.objects.exists()


def test_a_changed_rule_is_previewed_in_the_place_of_the_saved_one():
    rule = make_rule("inactivity", threshold_days=14)
    mentor = make_mentor(idle_for=days(9))
    draft = RuleVersion(rule_id=rule.pk, **{**rule.terms(), "threshold_days": 7})
    assert [row.user_id for row in preview(draft, now=NOW)] == [mentor.user_id]
    assert preview(RuleVersion(rule_id=rule.pk, **rule.terms()), now=NOW) == []


def test_a_previewed_rule_keeps_the_cooldown_of_the_rule_that_it_changes():
    rule = make_rule("inactivity", threshold_days=14)
    make_mentor(idle_for=days(20))
    live([NOW])
    draft = RuleVersion(rule_id=rule.pk, **{**rule.terms(), "threshold_days": 7})
    assert [row.reason for row in preview(draft, now=NOW + days(1))] == ["cooldown_active"]


def test_the_rules_of_a_backtested_day_are_those_of_that_day():
    rule = make_rule("inactivity", threshold_days=14)
    make_mentor(idle_for=days(20))
    rule.threshold_days = 300
    save_rule(rule, now=NOW + days(1))
    first, second = backtest([NOW, NOW + days(2)], now=NOW + days(3))
    assert [len(first.decisions), len(second.decisions)] == [1, 0]
