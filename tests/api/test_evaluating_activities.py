"""Posting an activity: stored once, judged by the chapter's rules, told once, and refused by the field's name."""

import json

import pytest

from scenarios.models import Activity, Decision, Evaluation
from scenarios.operations import evaluating
from tests.factories import days, make_activity, make_chapter, make_mentor, make_opt_out, make_rule, make_template

from .evaluations import EVALUATIONS, posted

LONG = "x" * 51


@pytest.fixture
def chapter(db):
    return make_chapter()


@pytest.fixture
def mentor(chapter):
    return make_mentor(chapter.organization, idle_for=days(10))


@pytest.fixture
def rule():
    template = make_template(id="tmpl_a")
    return make_rule("activity_missed", judged="activity", threshold_days=3, delay_hours=24, prompt_template=template)


def test_answers_with_the_printed_keys_and_what_fired(api, rule, mentor, chapter):
    answer = api.post(EVALUATIONS, posted(mentor, chapter))
    assert answer.status_code == 201
    evaluation = Evaluation.objects.get()
    assert list(answer.json().items()) == [
        ("id", evaluation.pk),
        ("chapter_id", chapter.pk),
        ("evaluated_at", evaluation.evaluated_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("activity_id", "act_posted"),
        ("rules_evaluated", 1),
        ("triggered_count", 1),
        (
            "triggered_scenarios",
            [
                {
                    "rule_id": rule.pk,
                    "scenario_id": rule.scenario_id,
                    "user_id": mentor.user_id,
                    "scheduled_for": "2026-03-26T11:00:00Z",
                    "prompt_template_id": "tmpl_a",
                }
            ],
        ),
        ("status", "completed"),
    ]


def test_keeps_every_field_of_the_activity(api, mentor, chapter):
    said = {
        "distance_meters": 5200,
        "duration_seconds": 1860,
        "contact_id": "con_1",
        "contact_type": "phone",
        "wellbeing_flags": ["tired", "low_mood", "tired"],
        "is_group": False,
        "participants": 0,
    }
    assert api.post(EVALUATIONS, posted(mentor, chapter, **said)).status_code == 201
    stored = Activity.objects.get(activity_id="act_posted")
    kept = {name: getattr(stored, name) for name in said}
    assert kept == said | {"wellbeing_flags": ["low_mood", "tired"]}
    assert (stored.mentor, stored.chapter) == (mentor, chapter)


def test_null_and_left_out_are_the_same(api, mentor, chapter):
    optional = ("distance_meters", "duration_seconds", "contact_id", "contact_type", "wellbeing_flags", "is_group")
    assert api.post(EVALUATIONS, posted(mentor, chapter)).status_code == 201
    assert api.post(EVALUATIONS, posted(mentor, chapter, **dict.fromkeys(optional))).status_code == 201
    assert Activity.objects.filter(activity_id="act_posted").count() == 1


def test_the_same_activity_again_is_a_second_record_and_no_second_message(api, rule, mentor, chapter):
    first, second = (api.post(EVALUATIONS, posted(mentor, chapter)).json() for _ in range(2))
    assert first["id"] != second["id"]
    assert first["triggered_scenarios"] == second["triggered_scenarios"]
    assert list(Decision.objects.order_by("id").values_list("reason", flat=True)) == ["", "already_told"]


def test_the_same_id_with_other_fields_is_a_conflict(api, mentor, chapter):
    api.post(EVALUATIONS, posted(mentor, chapter))
    answer = api.post(EVALUATIONS, posted(mentor, chapter, distance_meters=1))
    assert answer.status_code == 409
    assert "act_posted" in answer.json()["message"]
    assert Evaluation.objects.count() == 1


def test_an_activity_that_was_fed_before_may_be_evaluated_in_any_chapter_of_the_organisation(api, mentor, chapter):
    make_activity(mentor, activity_id="act_posted", activity_type="run", chapter=chapter)
    other = make_chapter(chapter.organization)
    assert api.post(EVALUATIONS, posted(mentor, other)).json()["chapter_id"] == other.pk


def test_what_fired_is_listed_by_priority_also_where_a_gate_keeps_it_back(api, mentor, chapter):
    second = make_rule("activity_missed", judged="activity", threshold_days=3, priority=2)
    first = make_rule("long_session", priority=1)
    make_opt_out(mentor)
    answer = api.post(EVALUATIONS, posted(mentor, chapter, duration_seconds=7200)).json()
    assert [scenario["rule_id"] for scenario in answer["triggered_scenarios"]] == [first.pk, second.pk]
    assert set(Decision.objects.values_list("reason", flat=True)) == {"user_opted_out"}


def test_an_error_inside_keeps_the_activity_and_says_failed(api, rule, mentor, chapter, monkeypatch):
    def broken(*args):
        raise RuntimeError("secret")

    monkeypatch.setattr(evaluating, "judge", broken)
    answer = api.post(EVALUATIONS, posted(mentor, chapter))
    assert (answer.status_code, answer.json()["status"]) == (201, "failed")
    assert b"secret" not in answer.content
    assert Activity.objects.filter(activity_id="act_posted").exists()
    monkeypatch.undo()
    assert api.post(EVALUATIONS, posted(mentor, chapter)).json()["status"] == "completed"


def test_who_and_where_must_be_known_and_belong_together(api, mentor, chapter):
    stranger = make_mentor()
    for body, errors in (
        (posted(mentor, chapter) | {"chapter_id": "ch_none"}, {"chapter_id"}),
        (posted(mentor, chapter, user_id="usr_none"), {"activity.user_id"}),
        (posted(stranger, chapter), {"activity.user_id"}),
        (posted(mentor, chapter, user_id="usr_none") | {"chapter_id": "ch_none"}, {"chapter_id", "activity.user_id"}),
    ):
        answer = api.post(EVALUATIONS, body)
        assert answer.status_code == 400
        assert set(answer.json()["errors"]) == errors
    assert not Activity.objects.filter(activity_id="act_posted").exists()


WRONG = [
    *[(name, None) for name in ("id", "user_id", "activity_type", "completed_at")],
    *[(name, 5) for name in ("id", "user_id", "activity_type", "completed_at", "contact_id", "contact_type")],
    *[("id", text) for text in ("", " ", "act 1", "å", "x" * 65, "a/b", "a\n")],
    *[("activity_type", text) for text in ("", "  ", LONG, "a\u202eb", "a\nb")],
    *[(name, number) for name in ("distance_meters", "duration_seconds", "participants") for number in (-1, 2**31)],
    *[("distance_meters", odd) for odd in (1.5, "1", "١", "1_000", True, [1], {}, 10**60, 1e60)],
    *[("is_group", odd) for odd in (0, 1, "true", "", [])],
    *[("contact_type", odd) for odd in (LONG, "", ["phone"])],
    *[("wellbeing_flags", odd) for odd in ("low_mood", {"a": 1}, [f"flag_{n}" for n in range(21)])],
    *[("wellbeing_flags.0", [odd]) for odd in (5, None, "", LONG, "a\x07b")],
    *[
        ("completed_at", odd)
        for odd in ("2026-03-25", "2026-03-25T11:00:00", "now", "9999-12-31T23:59:59Z", 1774684800)
    ],
    ("name", "Kari Nordmann"),
    ("diagnosis", "secret"),
    ("chapter_id", "ch_1"),
    ("recorded_at", "2020-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_no_such_field_or_value_is_refused_by_name_and_nothing_is_stored(api, mentor, chapter, field, value):
    answer = api.post(EVALUATIONS, posted(mentor, chapter, **{field.removesuffix(".0"): value}))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"activity.{field}"]
    assert set(answer.json()) == {"code", "message", "errors"}
    assert not Activity.objects.filter(mentor=mentor, activity_type="run").exists()


@pytest.mark.parametrize("activity", [None, 5, "act", [], [{}], {}])
def test_an_activity_is_an_object_with_four_fields_at_least(api, chapter, activity):
    answer = api.post(EVALUATIONS, {"chapter_id": chapter.pk, "activity": activity})
    assert answer.status_code == 400
    assert {name.split(".")[0] for name in answer.json()["errors"]} == {"activity"}


@pytest.mark.parametrize("number", ["5200", "5200.0", "5.2e3"])
def test_a_whole_number_may_be_written_in_several_ways(api, mentor, chapter, number):
    body = json.dumps(posted(mentor, chapter, distance_meters=0)).replace(
        '"distance_meters": 0', f'"distance_meters": {number}'
    )
    assert api.generic("POST", EVALUATIONS, body, content_type="application/json").status_code == 201
    assert Activity.objects.get(activity_id="act_posted").distance_meters == 5200


def test_a_key_makes_posting_again_safe(api, rule, mentor, chapter):
    key = {"Idempotency-Key": "a"}
    first, second = (api.post(EVALUATIONS, posted(mentor, chapter), headers=key) for _ in range(2))
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Evaluation.objects.count() == 1
    assert api.post(EVALUATIONS, posted(mentor, chapter, participants=3), headers=key).status_code == 422


def test_takes_the_same_number_of_queries_however_many_rules_fire(api, mentor, chapter, django_assert_max_num_queries):
    make_rule("long_session")
    with django_assert_max_num_queries(20) as few:
        api.post(EVALUATIONS, posted(mentor, chapter, id="act_1", duration_seconds=7200))
    for _ in range(12):
        make_rule("long_session")
    with django_assert_max_num_queries(len(few)):
        answer = api.post(EVALUATIONS, posted(mentor, chapter, id="act_2", duration_seconds=7200))
    assert answer.json()["triggered_count"] == 13
