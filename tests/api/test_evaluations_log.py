"""The log of evaluations: paging, filters, marking, hiding."""

from datetime import timedelta

import pytest

from scenarios.models import Activity, Decision, Evaluation
from tests.factories import NOW, days, make_activity, make_chapter, make_mentor, make_rule

from .evaluations import EVALUATIONS, make_evaluation, posted
from .runs import ids


def test_is_newest_first_with_the_printed_keys(api):
    make_evaluation(id="eval_old", evaluated_at=NOW - timedelta(days=1))
    new = make_evaluation(id="eval_new", rules_evaluated=12, triggered_count=2)
    answer = api.get(EVALUATIONS)
    assert ids(answer) == ["eval_new", "eval_old"]
    assert list(answer.json()["data"][0].items()) == [
        ("id", "eval_new"),
        ("chapter_id", new.chapter_id),
        ("evaluated_at", "2026-03-25T11:00:00Z"),
        ("activity_id", new.activity.activity_id),
        ("rules_evaluated", 12),
        ("triggered_count", 2),
        ("status", "completed"),
    ]


def test_is_empty_before_the_first(api):
    assert api.get(EVALUATIONS).json() == {"data": [], "pagination": {"page": 1, "limit": 20, "total": 0}}


def test_pages_together_are_the_whole_without_repeats(api):
    chapter = make_chapter()
    activity = make_activity(make_mentor(chapter.organization))
    made = {make_evaluation(chapter=chapter, activity=activity).id for _ in range(7)}
    seen = [one for page in (1, 2, 3) for one in ids(api.get(EVALUATIONS, {"page": page, "limit": 3}))]
    assert len(seen) == 7
    assert set(seen) == made


def test_is_narrowed_down_by_each_filter(api):
    mine = make_evaluation(id="eval_mine", triggered_count=1, status="reviewed")
    make_evaluation(id="eval_other", evaluated_at=NOW - timedelta(days=2))
    for narrowed in (
        {"chapter_id": mine.chapter_id},
        {"activity_id": mine.activity.activity_id},
        {"user_id": mine.activity.mentor.user_id},
        {"status": "reviewed"},
        {"triggered": "any"},
        {"evaluated_at_after": "2026-03-25T11:00:00Z"},
        {"evaluated_at_before": "2026-03-25T11:00:01Z", "evaluated_at_after": "2026-03-24T11:00:00Z"},
    ):
        assert ids(api.get(EVALUATIONS, narrowed)) == ["eval_mine"], narrowed
    assert ids(api.get(EVALUATIONS, {"triggered": "none"})) == ["eval_other"]
    assert ids(api.get(EVALUATIONS, {"evaluated_at_before": "2026-03-25T11:00:00Z"})) == ["eval_other"]
    assert ids(api.get(EVALUATIONS, {"chapter_id": "ch_none"})) == []


@pytest.mark.parametrize(
    "query",
    [
        *("triggered=yes", "triggered=ANY", "status=done", "status=completed&status=failed", "evaluated_at_after=2026"),
        *("chapter=a", "run_id=a", "page=0", "limit=101", "ordering=status", "chapter_id=a%00", "user_id=" + "x" * 65),
    ],
)
def test_what_it_does_not_understand_is_refused_by_name(api, query):
    answer = api.get(f"{EVALUATIONS}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


def test_one_shows_what_fired_without_the_template(api):
    chapter = make_chapter()
    mentor = make_mentor(chapter.organization, idle_for=days(10))
    rule = make_rule("activity_missed", judged="activity", threshold_days=3, delay_hours=2)
    made = api.post(EVALUATIONS, posted(mentor, chapter)).json()
    shown = api.get(f"{EVALUATIONS}/{made['id']}").json()
    assert list(shown) == list(made)
    assert shown["triggered_scenarios"] == [
        {
            "rule_id": rule.pk,
            "scenario_id": rule.scenario_id,
            "user_id": mentor.user_id,
            "scheduled_for": "2026-03-25T13:00:00Z",
        }
    ]


@pytest.mark.parametrize("status", ["reviewed", "archived"])
def test_marking_answers_with_the_printed_keys_and_when(api, status):
    evaluation = make_evaluation(id="eval_a")
    answer = api.put(f"{EVALUATIONS}/eval_a", {"status": status})
    assert answer.status_code == 200
    evaluation.refresh_from_db()
    assert evaluation.updated_at is not None
    assert list(answer.json().items()) == [
        ("id", "eval_a"),
        ("chapter_id", evaluation.chapter_id),
        ("evaluated_at", "2026-03-25T11:00:00Z"),
        ("status", status),
        ("updated_at", evaluation.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]
    assert evaluation.status == status


def test_marking_twice_changes_nothing_the_second_time(api):
    evaluation = make_evaluation(id="eval_a")
    first, second = (api.put(f"{EVALUATIONS}/eval_a", {"status": "archived"}) for _ in range(2))
    evaluation.refresh_from_db()
    changed = evaluation.updated_at
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    api.put(f"{EVALUATIONS}/eval_a", {"status": "archived"})
    evaluation.refresh_from_db()
    assert evaluation.updated_at == changed


def test_the_status_that_it_has_from_the_beginning_was_given_when_it_was_evaluated(api):
    make_evaluation(id="eval_a")
    assert api.put(f"{EVALUATIONS}/eval_a", {"status": "completed"}).json()["updated_at"] == "2026-03-25T11:00:00Z"


def test_a_mark_can_be_taken_away(api):
    make_evaluation(id="eval_a", status="archived")
    assert api.put(f"{EVALUATIONS}/eval_a", {"status": "completed"}).json()["status"] == "completed"


def test_nobody_says_that_it_failed_or_that_it_did_not(api):
    make_evaluation(id="eval_good")
    make_evaluation(id="eval_bad", status="failed", error_message="RuntimeError: out of order")
    assert api.put(f"{EVALUATIONS}/eval_good", {"status": "failed"}).status_code == 409
    assert api.put(f"{EVALUATIONS}/eval_bad", {"status": "completed"}).status_code == 409
    assert api.put(f"{EVALUATIONS}/eval_bad", {"status": "failed"}).status_code == 200
    assert api.put(f"{EVALUATIONS}/eval_bad", {"status": "reviewed"}).status_code == 200
    assert api.put(f"{EVALUATIONS}/eval_bad", {"status": "completed"}).status_code == 409


@pytest.mark.parametrize("status", ["running", "Archived", "", None, 5, True, ["archived"]])
def test_no_other_status_can_be_set_and_the_possible_ones_are_named(api, status):
    make_evaluation(id="eval_a")
    answer = api.put(f"{EVALUATIONS}/eval_a", {"status": status})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["status"]
    if status is not None:
        assert answer.json()["errors"]["status"] == ["Choose one of: completed, reviewed, archived, failed."]


@pytest.mark.parametrize("body", [{}, {"status": "archived", "chapter_id": "ch_b"}, {"updated_at": "x"}])
def test_nothing_else_can_be_changed(api, body):
    make_evaluation(id="eval_a")
    assert api.put(f"{EVALUATIONS}/eval_a", body).status_code == 400
    assert Evaluation.objects.get().status == "completed"


def test_deleting_hides_the_record_and_keeps_activity_and_decisions(api):
    chapter = make_chapter()
    mentor = make_mentor(chapter.organization, idle_for=days(10))
    make_rule("activity_missed", judged="activity", threshold_days=3)
    made = api.post(EVALUATIONS, posted(mentor, chapter)).json()["id"]
    answer = api.delete(f"{EVALUATIONS}/{made}")
    assert (answer.status_code, list(answer.json().items())) == (200, [("deleted", True), ("id", made)])
    assert api.get(EVALUATIONS).json()["pagination"]["total"] == 0
    for again in (api.get, api.delete):
        assert again(f"{EVALUATIONS}/{made}").status_code == 404
    assert api.put(f"{EVALUATIONS}/{made}", {"status": "archived"}).status_code == 404
    assert Activity.objects.filter(activity_id="act_posted").exists()
    assert Decision.objects.get().outcome == "pending"


def test_an_unknown_one_is_not_found_and_named(api):
    answer = api.get(f"{EVALUATIONS}/eval_none")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "eval_none" in answer.json()["message"]


@pytest.mark.parametrize("one", ["%00", "..%2fetc", "eval_1%0A", "a" * 65, "١", "%FF", "a b"])
def test_an_impossible_id_is_not_found(api, one):
    assert api.get(f"{EVALUATIONS}/{one}").status_code == 404


def test_takes_the_same_number_of_queries_however_many_there_are(api, django_assert_num_queries):
    for _ in range(3):
        make_evaluation()
    with django_assert_num_queries(2):
        api.get(EVALUATIONS)
    make_evaluation(id="eval_a")
    with django_assert_num_queries(2):
        api.get(f"{EVALUATIONS}/eval_a")
