"""Every refusal has one shape, also what never reaches a view of the API."""

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from config.api import errors
from config.urls import handler400, handler403, handler404, handler500
from scheduler.models import Run

from .runs import RUNS, make_run


def assert_one_shape(answer, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()) == {"code", "message", "errors"}
    assert answer.json()["code"] == code
    assert answer.json()["message"]


def broken_by(exc: Exception):
    """Return a wrapper for `connection.execute_wrapper` in which each statement fails."""

    def fail(execute, sql, params, many, context):
        raise exc

    return fail


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/", "/api/v2/scheduler-invocations", f"{RUNS}/a/b", "/api/%FF"]
)
def test_an_unknown_address_is_not_found(api, path):
    assert_one_shape(api.get(path), 404, "not_found")


def test_outside_the_api_an_unknown_address_is_a_page(client):
    assert client.get("/nothing")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", RUNS, "GET, POST, HEAD"),
        ("DELETE", RUNS, "GET, POST, HEAD"),
        ("OPTIONS", RUNS, "GET, POST, HEAD"),
        ("TRACE", RUNS, "GET, POST, HEAD"),
        ("POST", f"{RUNS}/run_a", "GET, PUT, DELETE, HEAD"),
        ("PATCH", f"{RUNS}/run_a", "GET, PUT, DELETE, HEAD"),
        ("PUT", f"{RUNS}/active-peer-mentors", "GET, HEAD"),
        ("DELETE", f"{RUNS}/active-peer-mentors", "GET, HEAD"),
        ("GET", f"{RUNS}/evaluation-batch", "POST"),
        ("DELETE", f"{RUNS}/evaluation-batch", "POST"),
        ("POST", "/api/v1", "GET, HEAD"),
        ("POST", "/api/schema", "GET, HEAD"),
    ],
)
def test_a_method_that_does_not_exist_is_refused_with_those_that_do(api, method, path, allowed):
    make_run(id="run_a")
    answer = api.generic(method, path)
    assert_one_shape(answer, 405, "method_not_allowed")
    assert sorted(answer["Allow"].split(", ")) == sorted(allowed.split(", "))


@pytest.mark.parametrize("accept", ["application/xml", "image/png"])
def test_a_format_that_we_do_not_speak_is_refused_in_json(api, accept):
    assert_one_shape(api.get(RUNS, headers={"Accept": accept}), 406, "not_acceptable")


def test_a_format_by_name_that_we_do_not_speak_is_not_found(api):
    assert_one_shape(api.get(RUNS, {"format": "xml"}), 404, "not_found")


def test_a_foreign_host_is_refused(api):
    assert_one_shape(api.get(RUNS, headers={"Host": "evil.example"}), 400, "bad_request")


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_where_postgresql_is_away_we_say_when_to_try_again(api, accept):
    with connection.execute_wrapper(broken_by(OperationalError("connection to /secret/socket failed"))):
        answer = api.get(RUNS, headers={"Accept": accept})
    assert_one_shape(answer, 503, "unavailable")
    assert answer["Retry-After"] == "5"
    assert b"secret" not in answer.content


def test_where_postgresql_is_away_writing_is_refused_likewise(api):
    with connection.execute_wrapper(broken_by(OperationalError("gone"))):
        assert_one_shape(api.post(RUNS, {}), 503, "unavailable")
        assert_one_shape(api.post(RUNS, {}, headers={"Idempotency-Key": "a"}), 503, "unavailable")
    assert not Run.objects.exists()


def test_a_mistake_of_ours_says_nothing_of_the_inside(api):
    with connection.execute_wrapper(broken_by(RuntimeError("SELECT secret FROM /srv/peerwell"))):
        answer = api.get(RUNS)
    assert_one_shape(answer, 500, "error")
    assert b"secret" not in answer.content
    assert b"srv" not in answer.content


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (errors.bad_request, 400),
        (errors.permission_denied, 403),
        (errors.page_not_found, 404),
    ],
)
def test_outside_the_api_people_get_pages(answer, status):
    page = answer(RequestFactory().get("/admin/nothing"), Exception())
    assert page.status_code == status
    assert page["Content-Type"].startswith("text/html")


def test_django_is_told_of_all_of_them():
    named = [handler.rsplit(".", 1)[1] for handler in (handler400, handler403, handler404, handler500)]
    assert named == ["bad_request", "permission_denied", "page_not_found", "server_error"]
    assert all(callable(getattr(errors, name)) for name in named)
