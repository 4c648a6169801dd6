"""Why, and why not: any mentor, any day, every rule of that day."""

import pytest
from django.db import transaction

from scenarios import operations
from scenarios.engine import Frame
from scenarios.operations import save_rule
from scenarios.what_if import replay
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_certification,
    make_mentor,
    make_opt_out,
    make_pause,
    make_rule,
)
from tests.scenarios.weighing import EVERYBODY

pytestmark = pytest.mark.django_db
LATER = NOW + days(10)


def run_day(at=NOW):
    with transaction.atomic():
        operations.decide(EVERYBODY, Frame.at(at), run_id=f"run_{at:%m%d}")


def accounts(mentor, at=NOW) -> dict:
    return {account.version.scenario_id: account for account in replay(mentor, instant=at, now=LATER).rules}


def test_a_rule_that_kept_quiet_says_what_it_read():
    make_rule("inactivity", scenario_id="idle", threshold_days=14)
    mentor = make_mentor(idle_for=days(3))
    run_day()
    account = accounts(mentor)["idle"]
    assert not account.fired
    assert account.sentence == "No activity logged for 3 days; the rule allows 14. The rule kept quiet."


def test_what_was_decided_is_shown_as_it_was_recorded():
    make_rule("inactivity", scenario_id="idle")
    mentor = make_mentor(idle_for=days(20))
    make_opt_out(mentor)
    run_day()
    account = accounts(mentor)["idle"]
    assert account.recorded.reason == account.reason == "user_opted_out"
    assert account.sentence.endswith("Not told: doesn't want this kind of message.")


def test_a_day_without_a_run_is_worked_out_with_the_gates_of_that_day():
    make_rule("inactivity", scenario_id="idle", cooldown_days=30)
    mentor = make_mentor(idle_for=days(20))
    assert accounts(mentor)["idle"].sentence.endswith("Would have been told.")
    run_day()
    next_day = accounts(mentor, NOW + days(1))["idle"]
    assert (next_day.fired, next_day.reason, next_day.recorded) == (True, "cooldown_active", None)
    assert accounts(mentor, NOW - days(1))["idle"].reason == "", "what came later is not held against that day"


def test_an_activity_logged_late_changes_nothing_of_that_day_and_is_said():
    make_rule("inactivity", scenario_id="idle")
    mentor = make_mentor(idle_for=days(20))
    run_day()
    assert not accounts(mentor)["idle"].differs
    make_activity(mentor, completed_at=NOW - days(2), recorded_at=NOW + days(1))
    account = accounts(mentor)["idle"]
    assert account.fired
    assert account.differs


def test_the_rules_are_those_of_that_day():
    rule = make_rule("inactivity", scenario_id="idle", threshold_days=14)
    mentor = make_mentor(idle_for=days(20))
    rule.threshold_days = 100
    save_rule(rule, now=NOW + days(1))
    assert accounts(mentor)["idle"].version.number == 1
    assert accounts(mentor, NOW + days(2))["idle"].version.number == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, ""),
        ({"left_at": NOW - days(1)}, "Not weighed: had left."),
        ({"joined_at": NOW + days(1)}, "Not weighed: had not joined yet."),
    ],
)
def test_who_was_not_weighed_is_told_why(fields, sentence):
    assert replay(make_mentor(**fields), instant=NOW, now=LATER).not_weighed == sentence


def test_a_paused_mentor_was_not_weighed():
    mentor = make_mentor(idle_for=days(20))
    make_pause(mentor, starts_at=NOW - days(1), ends_at=NOW + days(1))
    assert replay(mentor, instant=NOW, now=LATER).not_weighed == "Not weighed: was paused."


def test_each_certification_has_its_own_account():
    make_rule("certification_expiry")
    mentor = make_mentor()
    for kind, left in (("Basic course", 10), ("Hearing aids", 300)):
        make_certification(mentor, kind=kind, expires_at=NOW + days(left))
    found = {row.readings["kind"]: row.fired for row in replay(mentor, instant=NOW, now=LATER).rules}
    assert found == {"Basic course": True, "Hearing aids": False}
