"""Each printed request of the second contract, sent as it is printed to a fresh demo, gets the printed answer.

Masked is what no two evaluations can have in common. Where a printed list is an excerpt, its rows must be among ours,
in that order, and the totals must be equal. The printed record of eval_f2c9a1 contradicts itself (two scenarios
triggered, one listed) and its own POST (another instant): its scenarios have the printed keys, and values of ours.
"""

import json
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from .test_contract_scheduler import masked, printed_rows, send

GOLDEN = Path(__file__).parent.parent / "contract" / "scenario-evaluations"
CREATING = {"evaluate"}
GENERATED = {"evaluate": ["id", "evaluated_at"], "mark": ["updated_at"], "get": ["triggered_scenarios"]}
EXCERPTS = {"list": "data", "active_rules": "data"}
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
# A year ends, summer time begins, and the facts of March 2026 are long out of anybody's mind.
DATES = ["2026-03-27T03:00:00Z", "2026-12-31T23:59:00Z", "2027-03-28T01:30:00Z", "2029-08-01T10:00:00Z"]


def golden(name: str) -> tuple[dict, dict]:
    pair = json.loads((GOLDEN / f"{name}.json").read_text())
    return pair["request"], pair["response"]


def assert_as_printed(api, name: str) -> None:
    request, printed = golden(name)
    response = send(api, request)
    assert response.status_code == (201 if name in CREATING else 200)
    answer = response.json()
    if excerpt := EXCERPTS.get(name):
        answer[excerpt] = printed_rows(answer[excerpt], printed[excerpt])
    generated = GENERATED.get(name, [])
    # As text, because the order of the keys is printed too.
    assert json.dumps(masked(answer, generated), indent=1) == json.dumps(masked(printed, generated), indent=1)


def test_all_seven_endpoints_are_here():
    assert len(NAMES) == 7


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("name", NAMES)
def test_the_printed_request_gets_the_printed_answer(api, name):
    assert_as_printed(api, name)


@pytest.mark.parametrize("date", DATES)
def test_and_does_so_whenever_the_demo_was_seeded(api, date):
    with time_machine.travel(date):
        call_command("seed_demo", verbosity=0)
        for name in ("list", "get", "active_rules", "trigger_check", "evaluate", "mark", "delete"):
            assert_as_printed(api, name)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_address_gets_the_same_answer(api, name):
    request, printed = golden(name)
    doubled = "/api/v1/scenario-evaluations/api/v1/"
    assert request["path"].startswith(doubled)
    response = send(api, request | {"path": request["path"].replace(doubled, "/api/v1/", 1)})
    assert response.status_code == (201 if name in CREATING else 200)
    assert list(response.json()) == list(printed)


@pytest.mark.usefixtures("demo")
def test_the_record_lists_as_many_as_it_counts_with_the_printed_keys(api):
    request, printed = golden("get")
    answer = send(api, request).json()
    assert len(answer["triggered_scenarios"]) == answer["triggered_count"] == 2
    for scenario in answer["triggered_scenarios"]:
        assert list(scenario) == list(printed["triggered_scenarios"][0])
    first, second = answer["triggered_scenarios"]
    assert (first["rule_id"], first["scheduled_for"]) == ("rule_8f3a2c", "2026-03-25T07:30:00Z")
    assert (second["rule_id"], second["scheduled_for"]) == ("rule_3b9e7d", "2026-03-24T19:30:00Z")


@pytest.mark.usefixtures("demo")
def test_the_rules_that_are_printed_come_first(api):
    request, printed = golden("active_rules")
    assert send(api, request).json()["data"][:2] == printed["data"]


@pytest.mark.usefixtures("demo")
def test_twelve_rules_apply_in_the_printed_chapter(api):
    rules = api.get("/api/v1/scenario-evaluations/active-rules", {"chapter_id": "ch_boston_001"}).json()
    assert rules["pagination"]["total"] == 12
    assert golden("evaluate")[1]["rules_evaluated"] == 12


@pytest.mark.usefixtures("demo")
def test_the_printed_activity_can_be_posted_again_and_again(api):
    request, _printed = golden("evaluate")
    first, second = (send(api, request).json() for _ in range(2))
    assert first["id"] != second["id"]
    assert first["triggered_scenarios"] == second["triggered_scenarios"]
    assert api.get("/api/v1/scenario-evaluations").json()["pagination"]["total"] == 144
