"""Why, why not, and what if, over the API."""

import pytest
from django.utils import timezone

from config.api.fields import write_instant
from scenarios.models import Decision, RuleVersion
from scheduler.api.jobs import answer
from scheduler.models import Job
from scheduler.operations import run_one_batch, start_run
from tests.factories import days, make_activity, make_mentor, make_opt_out, make_rule

pytestmark = pytest.mark.django_db
QUIET = {"trigger_type": "inactivity", "threshold_days": 7}


@pytest.fixture(autouse=True)
def public(settings):
    settings.API_ACCESS = "public"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def rule():
    return make_rule("inactivity", threshold_days=14)


def preview(client, **rule):
    return client.post("/api/v1/rules/preview", {"rule": rule}, content_type="application/json")


def backtest(client, **body):
    return client.post("/api/v1/rules/backtest", body, content_type="application/json")


def answered(client, **body) -> dict:
    """Ask for a backtest, and work out the answer as a worker would."""
    asked = backtest(client, **body)
    assert asked.status_code == 202
    return answer(Job.objects.get(pk=asked.json()["id"]), lambda share: None)


def test_an_explanation_says_what_was_decided_and_why(client, rule, now):
    mentor = make_mentor(idle_for=days(20), now=now)
    make_opt_out(mentor)
    start_run(now=now)
    run_one_batch(now=now)
    answer = client.get(f"/api/v1/peer-mentors/{mentor.user_id}/explanation").json()
    assert (answer["user_id"], answer["not_weighed"]) == (mentor.user_id, None)
    (account,) = answer["rules"]
    assert (account["fired"], account["reason"], account["rule_id"]) == (True, "user_opted_out", rule.pk)
    assert account["sentence"].startswith("No activity logged for 20 days; the rule allows 14.")


def test_an_explanation_of_a_day_without_its_daily_run_is_that_of_the_last_run(client, rule, now):
    mentor = make_mentor(idle_for=days(20), now=now)
    start_run(now=now)
    run_one_batch(now=now)
    (account,) = client.get(f"/api/v1/peer-mentors/{mentor.user_id}/explanation").json()["rules"]
    assert (account["recorded"], account["reason"]) == (True, None)
    assert account["sentence"].endswith("To be told."), "the run told them, whatever would be decided now"


def test_an_explanation_of_an_unknown_mentor_is_not_found(client):
    assert client.get("/api/v1/peer-mentors/usr_nobody/explanation").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["date=yesterday", "date=2026-3-1", "date=20260301", "date=2026-W09-7", "date=0001-01-01", "day=2026-03-01"],
)
def test_a_date_that_is_none_is_refused_by_name(client, query):
    mentor = make_mentor()
    answer = client.get(f"/api/v1/peer-mentors/{mentor.user_id}/explanation?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["errors"]


def test_a_preview_says_whom_a_new_rule_would_touch_and_saves_nothing(client, now):
    told, held = make_mentor(idle_for=days(9), now=now), make_mentor(idle_for=days(30), now=now)
    make_opt_out(held)
    answer = preview(client, **QUIET).json()
    assert (answer["fires"], answer["told"], answer["held_back"]) == (2, 1, {"user_opted_out": 1})
    assert [(row["user_id"], row["told"], row["reason"]) for row in answer["mentors"]] == [
        (told.user_id, True, None),
        (held.user_id, False, "user_opted_out"),
    ]
    assert not RuleVersion.objects.exists()
    assert not Decision.objects.exists()


def test_a_preview_of_a_changed_rule_takes_the_rest_from_the_saved_one(client, rule, now):
    make_mentor(idle_for=days(9), now=now)
    assert preview(client, rule_id=rule.pk).json()["fires"] == 0
    assert preview(client, rule_id=rule.pk, threshold_days=7).json()["fires"] == 1


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "rule.trigger_type"),
        ({"rule_id": "rule_nowhere"}, "rule.rule_id"),
        ({"trigger_type": "astrology"}, "rule.trigger_type"),
        ({"trigger_type": "inactivity"}, "rule.threshold_days"),
        (QUIET | {"threshold_days": 0}, "rule.threshold_days"),
        (QUIET | {"threshold_days": "7"}, "rule.threshold_days"),
        (QUIET | {"parameters": {"sql": "1"}}, "rule.parameters"),
        (QUIET | {"organization_id": "org_nowhere"}, "rule.organization"),
        (QUIET | {"sql": "1"}, "rule.sql"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_field(client, fields, named):
    answer = preview(client, **fields)
    assert answer.status_code == 400
    assert named in answer.json()["errors"]


def test_a_backtest_goes_through_the_last_days(client, now):
    make_rule("inactivity", threshold_days=14, cooldown_days=3)
    mentor = make_mentor(idle_for=days(40), now=now)
    found = answered(client, days=7)
    assert found["mode"] == "as_known"
    assert [day["told"] for day in found["days"]] == [1, 0, 0, 1, 0, 0, 0]
    assert found["days"][1]["held_back"] == {"cooldown_active": 1}
    assert found["days"][6]["held_back"] == {"frequency_capped": 1}, "a third message in a week is one too many"
    assert found["most_told"] == [{"user_id": mentor.user_id, "told": 2}]
    assert not Decision.objects.exists()


def test_hindsight_is_offered_where_much_was_logged_late(client, rule, now):
    mentor = make_mentor(idle_for=days(40), now=now)
    make_activity(mentor, completed_at=now - days(9), recorded_at=now - days(2))
    as_known, hindsight = (answered(client, days=5, hindsight=flag) for flag in (False, True))
    assert as_known["logged_late"] == hindsight["logged_late"] == 1
    assert hindsight["mode"] == "hindsight"
    assert sum(day["fires"] for day in as_known["days"]) > sum(day["fires"] for day in hindsight["days"]) == 0


@pytest.mark.parametrize("number", [0, 91, "7", None])
def test_a_backtest_of_too_many_days_is_refused(client, number):
    answer = backtest(client, days=number)
    assert answer.status_code == 400
    assert "days" in answer.json()["errors"]


def log_long_sessions(now, *ago) -> list:
    return [make_activity(make_mentor(), completed_at=now - days(n), duration_seconds=7_200) for n in ago]


def test_a_preview_of_a_rule_for_activities_is_tried_on_those_of_the_last_30_days(client, now):
    _old, new = log_long_sessions(now, 31, 2)
    answer = preview(client, trigger_type="long_session").json()
    assert (answer["fires"], answer["told"], answer["activities"]) == (1, 1, {"weighed": 1, "logged": 1})
    assert answer["mentors"][0]["logged_at"] == write_instant(new.recorded_at)
    assert not Decision.objects.exists()


def test_a_preview_of_a_daily_rule_looks_at_no_activities(client, now):
    make_mentor(idle_for=days(9), now=now)
    answer = preview(client, **QUIET).json()
    assert answer["activities"] is None
    assert answer["mentors"][0]["logged_at"] is None


def test_a_rule_that_may_look_at_either_time_is_asked_when_it_should(client, now):
    log_long_sessions(now, 2)
    missed = {"trigger_type": "activity_missed", "threshold_days": 7}
    daily, on_activities = (preview(client, **missed, judged=judged).json() for judged in ("daily", "activity"))
    assert (daily["activities"], on_activities["activities"]["weighed"]) == (None, 1)
    assert "rule.judged" in preview(client, **QUIET, judged="activity").json()["errors"]


def test_a_backtest_of_a_rule_for_activities_goes_through_what_was_logged(client, now):
    log_long_sessions(now, 4, 3, 3)
    found = answered(client, days=7, rule={"trigger_type": "long_session"})
    assert found["activities"] == {"weighed": 3, "logged": 3}
    assert sum(day["told"] for day in found["days"]) == 3
