"""Each printed request, sent as it is printed to a fresh demo, gets the printed answer.

Masked is what no two runs can have in common. Where a printed list is an excerpt, its rows must be among ours, in that
order, and the totals must be equal.
"""

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "contract" / "scheduler-invocations"
CREATING = {"start", "evaluation_batch"}
GENERATED = {"start": ["id", "invoked_at"], "evaluation_batch": ["duration_ms"]}
EXCERPTS = {"list": "data", "active_peer_mentors": "active_peer_mentors"}
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))

pytestmark = pytest.mark.usefixtures("demo")


def golden(name: str) -> tuple[dict, dict]:
    pair = json.loads((GOLDEN / f"{name}.json").read_text())
    return pair["request"], pair["response"]


def send(api, request: dict):
    body = json.dumps(request["body"]) if "body" in request else ""
    return api.generic(request["method"], request["path"], body, content_type="application/json" if body else "")


def masked(answer: dict, generated: list[str]) -> dict:
    return {key: f"<{type(value).__name__}>" if key in generated else value for key, value in answer.items()}


def printed_rows(ours: list[dict], printed: list[dict]) -> list[dict]:
    wanted = [json.dumps(row) for row in printed]
    return [row for row in ours if json.dumps(row) in wanted]


def test_all_seven_endpoints_are_here():
    assert len(NAMES) == 7


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_request_gets_the_printed_answer(api, name):
    request, printed = golden(name)
    response = send(api, request)
    assert response.status_code == (201 if name in CREATING else 200)
    answer = response.json()
    if excerpt := EXCERPTS.get(name):
        answer[excerpt] = printed_rows(answer[excerpt], printed[excerpt])
    generated = GENERATED.get(name, [])
    # As text, because the order of the keys is printed too.
    assert json.dumps(masked(answer, generated), indent=1) == json.dumps(masked(printed, generated), indent=1)


@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_address_gets_the_same_answer(api, name):
    request, printed = golden(name)
    doubled = "/api/v1/scheduler-invocations/api/v1/"
    assert request["path"].startswith(doubled)
    response = send(api, request | {"path": request["path"].replace(doubled, "/api/v1/", 1)})
    assert response.status_code == (201 if name in CREATING else 200)
    assert list(response.json()) == list(printed)


def test_the_printed_batch_can_be_sent_after_the_printed_run_was_started(api):
    """The seven in the printed order, on one demo: only what deletes or fails the run of a later one is left out."""
    for name in ("list", "get", "start", "active_peer_mentors", "evaluation_batch", "correct", "delete"):
        assert send(api, golden(name)[0]).status_code in {200, 201}
    assert send(api, golden("delete")[0]).status_code == 404
