"""Starting, correcting, stopping and deleting a run over the API."""

import pytest

from scheduler.models import Run
from tests.factories import NOW, make_mentor

from .runs import RUNS, make_batch, make_run


def test_starting_answers_with_the_printed_keys_while_the_run_is_running(api):
    make_mentor()
    answer = api.post(RUNS, {"reason": "manual_trigger", "triggered_by": "admin_usr_001"})
    assert answer.status_code == 201
    assert list(answer.json()) == ["id", "invoked_at", "status", "triggered_by", "reason"]
    run = Run.objects.get()
    assert answer.json() == {
        "id": run.id,
        "invoked_at": run.invoked_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "status": "running",
        "triggered_by": "admin_usr_001",
        "reason": "manual_trigger",
    }


def test_what_was_started_can_be_asked_for(api):
    run_id = api.post(RUNS, {}).json()["id"]
    assert api.get(f"{RUNS}/{run_id}").json()["id"] == run_id


@pytest.mark.parametrize("body", [{}, {"reason": None, "triggered_by": None}])
def test_starting_needs_no_reason(api, body):
    answer = api.post(RUNS, body)
    assert answer.status_code == 201
    assert (answer.json()["reason"], answer.json()["triggered_by"]) == (None, None)


@pytest.mark.parametrize("field", ["reason", "triggered_by"])
def test_a_reason_may_have_200_characters_and_no_more(api, field):
    assert api.post(RUNS, {field: "x" * 200}).status_code == 201
    refused = api.post(RUNS, {field: "x" * 201})
    assert refused.status_code == 400
    assert "200" in refused.json()["errors"][field][0]


def test_text_is_kept_as_it_was_typed_and_in_one_normal_form(api):
    answer = api.post(RUNS, {"reason": "<script>{{7*7}}'; DROP A\u030a"})
    assert answer.json()["reason"] == "<script>{{7*7}}'; DROP Å"


def test_correcting_a_finished_run_answers_with_the_four_printed_keys(api):
    make_run(id="run_a")
    answer = api.put(f"{RUNS}/run_a", {"status": "failed", "error_message": "limit reached\nat batch 2"})
    assert answer.status_code == 200
    assert list(answer.json().items()) == [
        ("id", "run_a"),
        ("status", "failed"),
        ("error_message", "limit reached\nat batch 2"),
        ("invoked_at", "2026-03-25T11:00:00Z"),
    ]
    assert api.get(f"{RUNS}/run_a").json()["status"] == "failed"


def test_a_correction_changes_only_what_it_names(api):
    make_run(id="run_a", error_message="because")
    assert api.put(f"{RUNS}/run_a", {"status": "cancelled"}).json()["error_message"] == "because"
    assert api.put(f"{RUNS}/run_a", {"error_message": None}).json() == {
        "id": "run_a",
        "status": "cancelled",
        "error_message": None,
        "invoked_at": "2026-03-25T11:00:00Z",
    }


def test_correcting_twice_answers_twice_the_same(api):
    make_run(id="run_a")
    first, second = (api.put(f"{RUNS}/run_a", {"status": "failed"}) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())


def test_failing_a_running_run_cancels_what_waits(api):
    run = make_run(id="run_a", status="running", batches_total=1)
    batch = make_batch(run, status="pending")
    assert api.put(f"{RUNS}/run_a", {"status": "failed"}).status_code == 200
    batch.refresh_from_db()
    assert batch.status == "cancelled"


def test_success_is_refused_while_batches_wait(api):
    make_batch(make_run(id="run_a", status="running", batches_total=1), status="pending")
    answer = api.put(f"{RUNS}/run_a", {"status": "success"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert Run.objects.get().status == "running"


@pytest.mark.parametrize("status", ["running", "partial", "held", "skipped", "Failed", "", None, 5, True, ["failed"]])
def test_no_other_status_can_be_set_and_the_possible_ones_are_named(api, status):
    make_run(id="run_a")
    answer = api.put(f"{RUNS}/run_a", {"status": status})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["status"]
    if status is not None:
        assert answer.json()["errors"]["status"] == ["Choose one of: success, failed, cancelled."]
    assert Run.objects.get().status == "success"


def test_a_correction_of_nothing_is_refused(api):
    make_run(id="run_a")
    assert list(api.put(f"{RUNS}/run_a", {}).json()["errors"]) == ["status", "error_message"]


@pytest.mark.parametrize("field", ["id", "invoked_at", "users_evaluated", "reason", "deleted_at"])
def test_no_other_field_can_be_changed(api, field):
    make_run(id="run_a")
    answer = api.put(f"{RUNS}/run_a", {"status": "failed", field: "x"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {field: [f"Unknown field '{field}'."]}
    assert Run.objects.get().status == "success"


def test_an_unknown_run_can_be_neither_corrected_nor_deleted(api):
    make_run(id="run_gone", deleted_at=NOW)
    for run in ("run_nowhere", "run_gone"):
        assert api.put(f"{RUNS}/{run}", {"status": "failed"}).status_code == 404
        assert api.delete(f"{RUNS}/{run}").status_code == 404


def test_deleting_hides_the_record_once(api):
    make_run(id="run_a")
    answer = api.delete(f"{RUNS}/run_a")
    assert answer.status_code == 200
    assert list(answer.json().items()) == [("success", True), ("deleted_id", "run_a")]
    assert api.delete(f"{RUNS}/run_a").status_code == 404
    assert Run.objects.get().deleted_at is not None


def test_a_running_run_can_not_be_deleted(api):
    make_run(id="run_a", status="running")
    assert api.delete(f"{RUNS}/run_a").status_code == 409
    assert api.get(f"{RUNS}/run_a").status_code == 200
