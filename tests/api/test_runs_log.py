"""The log of runs: what is listed, in which order, narrowed down by what."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW

from .runs import RUNS, ids, make_batch, make_run


def test_is_newest_first_and_by_id_within_one_instant(api):
    make_run(id="run_a", invoked_at=NOW - timedelta(days=1))
    make_run(id="run_b")
    make_run(id="run_c")
    assert ids(api.get(RUNS)) == ["run_c", "run_b", "run_a"]


def test_shows_the_printed_keys_in_the_printed_order(api):
    make_run(id="run_a", users_evaluated=148, notifications_dispatched=23, duration_ms=4210)
    assert list(api.get(RUNS).json()["data"][0].items()) == [
        ("id", "run_a"),
        ("invoked_at", "2026-03-25T11:00:00Z"),
        ("status", "success"),
        ("users_evaluated", 148),
        ("notifications_dispatched", 23),
        ("duration_ms", 4210),
        ("error_message", None),
    ]


def test_leaves_out_and_does_not_count_what_was_deleted(api):
    make_run(id="run_kept")
    make_run(id="run_gone", deleted_at=NOW)
    answer = api.get(RUNS)
    assert ids(answer) == ["run_kept"]
    assert answer.json()["pagination"]["total"] == 1
    assert api.get(f"{RUNS}/run_gone").status_code == 404


def test_is_empty_before_the_first_run(api):
    assert api.get(RUNS).json() == {"data": [], "pagination": {"page": 1, "limit": 20, "total": 0}}


def test_pages_together_are_the_whole_without_repeats(api):
    made = {make_run(invoked_at=NOW + timedelta(minutes=n // 3)).id for n in range(7)}
    seen = [run for page in (1, 2, 3) for run in ids(api.get(RUNS, {"page": page, "limit": 3}))]
    assert len(seen) == 7
    assert set(seen) == made


def test_shows_twenty_unless_asked_otherwise(api):
    for _ in range(21):
        make_run()
    answer = api.get(RUNS).json()
    assert len(answer["data"]) == 20
    assert answer["pagination"] == {"page": 1, "limit": 20, "total": 21}


def test_a_page_past_the_end_is_empty(api):
    make_run()
    answer = api.get(RUNS, {"page": 9})
    assert answer.status_code == 200
    assert answer.json() == {"data": [], "pagination": {"page": 9, "limit": 20, "total": 1}}


def test_filters_by_status(api):
    make_run(id="run_ok")
    make_run(id="run_bad", status="failed")
    assert ids(api.get(RUNS, {"status": "failed"})) == ["run_bad"]


def test_filters_by_who_triggered_it(api):
    make_run(id="run_mine", triggered_by="admin_usr_001")
    make_run(id="run_other", triggered_by="admin_usr_0010")
    assert ids(api.get(RUNS, {"triggered_by": "admin_usr_001"})) == ["run_mine"]


def test_filters_by_a_range_that_includes_its_beginning_and_not_its_end(api):
    for minutes in (-1, 0, 1, 2):
        make_run(id=f"run_{minutes}", invoked_at=NOW + timedelta(minutes=minutes))
    narrowed = {"invoked_at_after": "2026-03-25T11:00:00Z", "invoked_at_before": "2026-03-25T13:02:00+02:00"}
    assert ids(api.get(RUNS, narrowed)) == ["run_1", "run_0"]


@pytest.mark.parametrize("field", ["invoked_at", "duration_ms", "users_evaluated", "notifications_dispatched"])
def test_is_ordered_by_what_is_asked_for_in_both_directions(api, field):
    for n, value in enumerate([2, 3, 1]):
        instant = NOW + timedelta(days=value) if field == "invoked_at" else NOW
        make_run(id=f"run_{n}", **{"invoked_at": instant} if field == "invoked_at" else {field: value})
    assert ids(api.get(RUNS, {"ordering": field})) == ["run_2", "run_0", "run_1"]
    assert ids(api.get(RUNS, {"ordering": f"-{field}"})) == ["run_1", "run_0", "run_2"]


def test_what_is_equal_is_ordered_by_id_in_the_same_direction(api):
    for run in ("run_b", "run_c", "run_a"):
        make_run(id=run)
    assert ids(api.get(RUNS, {"ordering": "duration_ms"})) == ["run_a", "run_b", "run_c"]
    assert ids(api.get(RUNS, {"ordering": "-duration_ms"})) == ["run_c", "run_b", "run_a"]


def test_takes_the_same_number_of_queries_however_many_runs(api, django_assert_num_queries):
    for _ in range(3):
        make_batch(make_run())
    with django_assert_num_queries(2):
        api.get(RUNS)
    for _ in range(30):
        make_batch(make_run())
    with django_assert_num_queries(2):
        api.get(RUNS, {"limit": 100})


def test_one_run_shows_the_batches_that_are_done(api):
    run = make_run(id="run_a", status="running")
    make_batch(run, index=1, user_count=48, notifications_sent=6, duration_ms=1400)
    make_batch(run, index=0, user_count=50, notifications_sent=8, duration_ms=1410)
    make_batch(run, index=2, status="pending")
    answer = api.get(f"{RUNS}/run_a").json()
    assert list(answer)[-1] == "batch_results"
    assert answer["batch_results"] == [
        {"batch_index": 0, "user_count": 50, "notifications_sent": 8, "duration_ms": 1410},
        {"batch_index": 1, "user_count": 48, "notifications_sent": 6, "duration_ms": 1400},
    ]


def test_an_unknown_run_is_not_found_and_named(api):
    answer = api.get(f"{RUNS}/run_nowhere")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert "run_nowhere" in answer.json()["message"]


@pytest.mark.parametrize("address", [RUNS, f"{RUNS}/run_a", f"{RUNS}/active-peer-mentors"])
def test_reading_writes_nothing(api, address):
    make_run(id="run_a")
    with CaptureQueriesContext(connection) as captured:
        assert api.get(address).status_code == 200
    assert captured.captured_queries
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)
