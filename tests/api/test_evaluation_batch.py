"""Weighing named mentors at once, appended to a run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scheduler.models import Batch
from tests.factories import days, make_mentor, make_pause, make_rule

from .runs import RUNS, make_run

BATCH = f"{RUNS}/evaluation-batch"


@pytest.fixture
def run(db):
    return make_run(id="run_a")


def test_gives_each_mentor_one_result_in_the_order_asked(api, run):
    now = timezone.now()
    make_rule("inactivity")
    make_mentor(user_id="usr_idle", idle_for=days(20), now=now)
    make_mentor(user_id="usr_busy", idle_for=days(1), now=now)
    make_pause(make_mentor(user_id="usr_paused", idle_for=days(20), now=now), starts_at=now - timedelta(hours=1))
    answer = api.post(BATCH, {"user_ids": ["usr_paused", "usr_busy", "usr_idle", "usr_nobody"], "run_id": "run_a"})
    assert answer.status_code == 201
    assert answer.json()["results"] == [
        {"user_id": "usr_paused", "scenario_type": "inactivity", "notified": False, "reason": "mentor_paused"},
        {"user_id": "usr_busy", "scenario_type": None, "notified": False, "reason": "no_scenario_triggered"},
        {"user_id": "usr_idle", "scenario_type": "inactivity", "notified": True},
        {"user_id": "usr_nobody", "scenario_type": None, "notified": False, "reason": "mentor_not_found"},
    ]


def test_answers_with_the_printed_keys_in_the_printed_order(api, run):
    make_mentor(user_id="usr_a", idle_for=days(1), now=timezone.now())
    answer = api.post(BATCH, {"user_ids": ["usr_a"], "run_id": "run_a"}).json()
    assert list(answer) == [
        "run_id",
        "batch_index",
        "users_evaluated",
        "notifications_dispatched",
        "duration_ms",
        "results",
    ]
    assert (answer["run_id"], answer["batch_index"]) == ("run_a", 0)


def test_is_the_next_batch_of_the_run(api, run):
    make_mentor(user_id="usr_a", idle_for=days(1), now=timezone.now())
    asked = {"user_ids": ["usr_a"], "run_id": "run_a"}
    assert [api.post(BATCH, asked).json()["batch_index"] for _ in range(2)] == [0, 1]
    shown = api.get(f"{RUNS}/run_a").json()
    assert [batch["batch_index"] for batch in shown["batch_results"]] == [0, 1]
    assert shown["users_evaluated"] == 2


def test_an_id_given_twice_gets_one_result(api, run):
    make_mentor(user_id="usr_a", idle_for=days(1), now=timezone.now())
    answer = api.post(BATCH, {"user_ids": ["usr_a", "usr_a"], "run_id": "run_a"}).json()
    assert [result["user_id"] for result in answer["results"]] == ["usr_a"]
    assert answer["users_evaluated"] == 1


def test_an_unknown_run_is_not_found_and_blamed(api, db):
    answer = api.post(BATCH, {"user_ids": ["usr_a"], "run_id": "run_nowhere"})
    assert answer.status_code == 404
    assert list(answer.json()["errors"]) == ["run_id"]


@pytest.mark.parametrize("status", ["failed", "cancelled", "held"])
def test_nothing_is_appended_to_a_run_that_ended_badly(api, status):
    make_run(id="run_b", status=status)
    answer = api.post(BATCH, {"user_ids": ["usr_a"], "run_id": "run_b"})
    assert answer.status_code == 409
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("user_ids", "blamed"),
    [
        ([], "user_ids"),
        ("usr_a", "user_ids"),
        ({"0": "usr_a"}, "user_ids"),
        (None, "user_ids"),
        (["usr_a"] * 1001, "user_ids"),
        (["usr_a", 5], "user_ids.1"),
        (["usr_a", "usr_b", None], "user_ids.2"),
        ([""], "user_ids.0"),
        ([" usr_a"], "user_ids.0"),
        (["usr_a\n"], "user_ids.0"),
        (["usr/../a"], "user_ids.0"),
        (["usr_å"], "user_ids.0"),
        (["u" * 65], "user_ids.0"),
        ([["usr_a"]], "user_ids.0"),
        ([True], "user_ids.0"),
    ],
)
def test_bad_ids_are_refused_by_their_index_and_nothing_is_done(api, run, user_ids, blamed):
    answer = api.post(BATCH, {"user_ids": user_ids, "run_id": "run_a"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [blamed]
    assert blamed in answer.json()["message"]
    assert not Batch.objects.exists()


def test_a_thousand_ids_are_taken(api, run):
    answer = api.post(BATCH, {"user_ids": [f"usr_{n}" for n in range(1000)], "run_id": "run_a"})
    assert answer.status_code == 201
    assert len(answer.json()["results"]) == 1000


def test_both_fields_are_required(api, db):
    assert list(api.post(BATCH, {}).json()["errors"]) == ["user_ids", "run_id"]
