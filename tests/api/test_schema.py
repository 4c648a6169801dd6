"""The OpenAPI document and the pages that people read."""

import re

import pytest
from drf_spectacular.validation import validate_schema

from .evaluations import EVALUATIONS
from .runs import RUNS, ids, make_run

PRINTED = {
    RUNS: {"get", "post"},
    f"{RUNS}/{{run_id}}": {"get", "put", "delete"},
    f"{RUNS}/active-peer-mentors": {"get"},
    f"{RUNS}/evaluation-batch": {"post"},
    EVALUATIONS: {"get", "post"},
    f"{EVALUATIONS}/{{evaluation_id}}": {"get", "put", "delete"},
    f"{EVALUATIONS}/active-rules": {"get"},
    f"{EVALUATIONS}/trigger-check": {"post"},
}


@pytest.fixture
def schema(api) -> dict:
    return api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()


def test_is_valid_and_made_without_guessing(api, capsys):
    schema = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    validate_schema(schema)
    assert "arning" not in capsys.readouterr().err


def test_has_each_endpoint_once_and_no_doubled_form(schema):
    paths = {path: set(methods) for path, methods in schema["paths"].items()}
    assert {path: methods for path, methods in paths.items() if path in PRINTED} == PRINTED
    assert not [path for path in paths if path.count("/api/v1/") > 1 or path.endswith("/")]


def test_says_for_each_endpoint_how_it_refuses(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert {"400", "401", "403", "404", "503"} <= set(refusals), (path, method)
            for answer in refusals.values():
                assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


def test_says_what_may_be_asked_of_the_log(schema):
    names = {parameter["name"] for parameter in schema["paths"][RUNS]["get"]["parameters"]}
    filters = {"status", "triggered_by", "invoked_at_after", "invoked_at_before", "ordering"}
    assert names - {"format"} == {"page", "limit"} | filters


def test_says_which_posts_honour_an_idempotency_key(schema):
    for path in (RUNS, f"{RUNS}/evaluation-batch", EVALUATIONS):
        parameters = schema["paths"][path]["post"]["parameters"]
        assert [p["name"] for p in parameters if p["in"] == "header"] == ["Idempotency-Key"]


def test_describes_the_printed_keys(schema):
    components = schema["components"]["schemas"]
    assert list(components["RunStarted"]["properties"]) == ["id", "invoked_at", "status", "triggered_by", "reason"]
    answer = schema["paths"][f"{RUNS}/active-peer-mentors"]["get"]["responses"]["200"]["content"]["application/json"]
    name = answer["schema"]["$ref"].rsplit("/", 1)[1]
    assert list(components[name]["properties"]) == ["active_peer_mentors", "total"]


@pytest.mark.parametrize("query", ["lang=../../etc", "lang=xx", "version=1", "lang=en&lang=nb"])
def test_answers_only_what_it_understands(api, query):
    assert api.get(f"/api/schema/?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/?script=", "/api/v1/", RUNS, f"{RUNS}/run_a"])
def test_pages_load_nothing_from_elsewhere(api, path):
    make_run(id="run_a")
    page = api.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    loaded = re.findall(r"""(?:src=|<link[^>]*href=|url\()["']?([^"'\s>)]+)""", page.content.decode())
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
    assert loaded or "script" in path


def test_pages_bear_our_name(api):
    page = api.get(RUNS, headers={"Accept": "text/html"}).content.decode()
    assert "<title>Scheduler Invocations List – Peerwell</title>" in page or "Peerwell</title>" in page
    assert "django-rest-framework.org" not in page


def test_the_log_offers_its_filters_to_people_who_may_leave_some_empty(api):
    make_run(id="run_a", status="failed")
    make_run(id="run_b")
    page = api.get(RUNS, headers={"Accept": "text/html"}).content.decode()
    offered = re.findall(r'<(?:input|select)[^>]*name="([a-z_]+)"', page)
    filters = ["status", "triggered_by", "invoked_at_after", "invoked_at_before"]
    assert [name for name in offered if name in filters] == filters
    assert ids(api.get(RUNS, dict.fromkeys(filters, "") | {"status": "failed"})) == ["run_a"]


def test_what_people_typed_is_shown_escaped(api):
    make_run(id="run_a", error_message="<script>alert(1)</script>")
    page = api.get(f"{RUNS}/run_a", headers={"Accept": "text/html"}).content.decode()
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page


def test_a_refusal_is_readable_as_a_page_too(api):
    page = api.get(f"{RUNS}?page=0", headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "page must be a number" in page.content.decode()
