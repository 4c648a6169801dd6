"""Which rules are judged on activities, and whether one of them matches an activity that is only proposed."""

import pytest

from scenarios.models import Activity, Decision, Evaluation
from tests.factories import days, make_chapter, make_mentor, make_rule

from .evaluations import EVALUATIONS, activity_of
from .runs import ids

RULES = f"{EVALUATIONS}/active-rules"
CHECK = f"{EVALUATIONS}/trigger-check"


@pytest.fixture
def mentor(db):
    return make_mentor(idle_for=days(10))


@pytest.fixture
def rule(db):
    return make_rule("activity_missed", judged="activity", threshold_days=3, delay_hours=24)


def test_rules_have_the_printed_keys_and_no_threshold_where_there_is_none(api, rule):
    make_rule("long_session", id="rule_long", scenario_id="long", delay_hours=2, priority=99)
    assert list(api.get(RULES).json()["data"][1].items()) == [
        ("id", "rule_long"),
        ("scenario_id", "long"),
        ("trigger_type", "long_session"),
        ("trigger_threshold_days", None),
        ("delay_hours", 2),
        ("enabled", True),
        ("priority", 99),
    ]


def test_rules_come_by_priority_and_then_by_id(api, db):
    for pk, priority in (("rule_c", 2), ("rule_b", 1), ("rule_a", 2)):
        make_rule("long_session", id=pk, priority=priority)
    assert ids(api.get(RULES)) == ["rule_b", "rule_a", "rule_c"]


def test_without_a_chapter_only_the_shared_enabled_ones_of_activities_are_listed(api, rule):
    chapter = make_chapter()
    make_rule("long_session", organization=chapter.organization)
    make_rule("group_activity", organization=chapter.organization, chapter=chapter)
    for state in ("draft", "watching", "off", "retired"):
        make_rule("first_contact", state=state)
    make_rule("inactivity")
    assert ids(api.get(RULES)) == [rule.pk]


def test_in_a_chapter_the_narrowest_of_each_scenario_is_listed(api, rule):
    chapter = make_chapter()
    own = make_rule("long_session", organization=chapter.organization, chapter=chapter, priority=2)
    replaced = make_rule(
        "activity_missed",
        judged="activity",
        scenario_id=rule.scenario_id,
        organization=chapter.organization,
        priority=1,
    )
    make_rule("long_session", organization=make_chapter().organization)
    assert ids(api.get(RULES, {"chapter_id": chapter.pk})) == [replaced.pk, own.pk]


def test_an_unknown_chapter_is_refused(api, db):
    answer = api.get(RULES, {"chapter_id": "ch_none"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["chapter_id"]


@pytest.mark.parametrize("query", ["chapter=a", "status=completed", "ordering=id", "limit=0"])
def test_it_has_no_filters_of_the_log(api, query):
    assert api.get(f"{RULES}?{query}").status_code == 400


def test_rules_are_paged(api, db):
    for n in range(3):
        make_rule("long_session", id=f"rule_{n}")
    answer = api.get(RULES, {"page": 2, "limit": 2}).json()
    assert [rule["id"] for rule in answer["data"]] == ["rule_2"]
    assert answer["pagination"] == {"page": 2, "limit": 2, "total": 3}


def check(api, rule, mentor, *, activity_date=None, **said):
    body = {"rule_id": getattr(rule, "pk", rule), "activity": activity_of(mentor, **said)}
    return api.post(CHECK, body | ({} if activity_date is None else {"activity_date": activity_date}))


@pytest.mark.parametrize(
    ("activity_date", "within"),
    [
        (None, True),
        ("2026-03-25T11:00:00Z", True),
        ("2026-03-24T11:00:00Z", True),
        ("2026-03-24T10:59:59Z", False),
        ("2026-03-25T11:00:01Z", False),
    ],
)
def test_the_delay_window_includes_both_its_ends(api, rule, mentor, activity_date, within):
    answer = check(api, rule, mentor, activity_date=activity_date)
    assert answer.status_code == 200
    assert list(answer.json()) == [
        *("rule_id", "matches_trigger", "within_delay_window", "should_trigger", "delay_window_expires_at")
    ]
    assert (answer.json()["within_delay_window"], answer.json()["should_trigger"]) == (within, within)


def test_what_does_not_match_does_not_trigger(api, mentor):
    answer = check(api, make_rule("long_session"), mentor, duration_seconds=60).json()
    assert (answer["matches_trigger"], answer["within_delay_window"], answer["should_trigger"]) == (False, True, False)


def test_a_check_stores_nothing(api, rule, mentor):
    before = Activity.objects.count()
    assert check(api, rule, mentor).json()["should_trigger"] is True
    assert Activity.objects.count() == before
    assert not Evaluation.objects.exists()
    assert not Decision.objects.exists()


def test_an_unknown_rule_is_not_found_and_blamed(api, mentor):
    answer = check(api, "rule_none", mentor)
    assert answer.status_code == 404
    assert list(answer.json()["errors"]) == ["rule_id"]


def test_a_rule_that_is_judged_every_day_only_and_an_unknown_mentor_are_refused(api, mentor):
    answer = check(api, make_rule("inactivity"), mentor, user_id="usr_none")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["rule_id", "activity.user_id"]


@pytest.mark.parametrize("activity_date", ["2026-03-24", "2026-03-24T07:30:00", "yesterday", 5, True, []])
def test_the_date_is_an_instant(api, rule, mentor, activity_date):
    answer = check(api, rule, mentor, activity_date=activity_date)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["activity_date"]
