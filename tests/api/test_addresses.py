"""The canonical address, and the base and path printed one after the other, with and without a slash at the end."""

import pytest
from django.urls import reverse

from tests.factories import make_mentor

from .evaluations import EVALUATIONS
from .runs import RUNS, make_run

FORMS = [RUNS, f"{RUNS}/", f"{RUNS}/api/v1/scheduler-invocations", f"{RUNS}/api/v1/scheduler-invocations/"]


def below(form: str, segment: str) -> str:
    return f"{form.rstrip('/')}/{segment}{'/' if form.endswith('/') else ''}"


@pytest.mark.parametrize("form", FORMS)
def test_each_endpoint_is_at_each_form(api, form):
    make_run(id="run_a")
    make_mentor(user_id="usr_a")
    assert api.get(form).json()["data"][0]["id"] == "run_a"
    assert api.get(below(form, "run_a")).json()["id"] == "run_a"
    assert api.post(form, {}).status_code == 201
    assert api.put(below(form, "run_a"), {"status": "failed"}).json()["status"] == "failed"
    assert api.get(below(form, "active-peer-mentors")).json()["total"] == 1
    run = make_run(id="run_b")
    batch = {"user_ids": ["usr_a"], "run_id": run.id}
    assert api.post(below(form, "evaluation-batch"), batch).json()["run_id"] == "run_b"
    assert api.delete(below(form, "run_a")).json()["deleted_id"] == "run_a"


def test_the_words_of_the_contract_win_over_a_run_of_that_name(api):
    make_run(id="active-peer-mentors")
    assert "active_peer_mentors" in api.get(f"{RUNS}/active-peer-mentors").json()


def test_links_lead_to_the_canonical_form(api):
    assert reverse("scheduler-invocations-list") == RUNS
    assert reverse("scenario-evaluations-list") == EVALUATIONS
    assert (
        api.get("/api/v1").json().items()
        >= {
            "scheduler-invocations": f"http://testserver{RUNS}",
            "scenario-evaluations": f"http://testserver{EVALUATIONS}",
        }.items()
    )


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/schema", "/api/schema/", "/api/docs", "/api/docs/"])
def test_what_describes_the_api_is_there(api, path):
    assert api.get(path).status_code == 200
