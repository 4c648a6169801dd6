"""Who gets in: everybody where the API is public, and otherwise holders of the right permission only."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from scheduler.models import Run

from .runs import RUNS, make_run

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# What each printed endpoint takes, written down a second time on purpose.
NEEDED = [
    ("GET", RUNS, "view_run", 200),
    ("GET", f"{RUNS}/run_a", "view_run", 200),
    ("POST", RUNS, "add_run", 201),
    ("PUT", f"{RUNS}/run_a", "change_run", 200),
    ("DELETE", f"{RUNS}/run_a", "delete_run", 200),
    ("GET", f"{RUNS}/active-peer-mentors", "view_peermentor", 200),
    ("POST", f"{RUNS}/evaluation-batch", "add_batch view_peermentor", 201),
]
BODIES = {
    ("POST", RUNS): {},
    ("PUT", f"{RUNS}/run_a"): {"status": "failed"},
    ("POST", f"{RUNS}/evaluation-batch"): {"user_ids": ["usr_a"], "run_id": "run_a"},
}


@pytest.fixture(autouse=True)
def protected(db, settings):
    settings.API_ACCESS = "protected"


def with_token(user: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user)}")
    return client


def permitted(user: User, permissions: str) -> User:
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions.split()))
    return user


def addresses(resolver, prefix: str = "/") -> list[str]:
    """Walk everything that is routed, with an id that exists where one is asked for."""
    found = []
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$").replace("/?", "")
        if isinstance(pattern, URLResolver):
            found += addresses(pattern, path)
        elif isinstance(pattern, URLPattern):
            # 1 is an id everywhere.
            path = re.sub(r"\(\?P<run_id>[^)]*\)", "run_a", path)
            found.append(re.sub(r"\(\?P<\w+>[^)]*\)", "1", path))
    return found


def test_the_walk_finds_every_endpoint_in_both_forms():
    walked = {path for path in addresses(get_resolver()) if path.startswith("/api/")}
    doubled = [path.replace("/api/v1/", "/api/v1/scheduler-invocations/api/v1/", 1) for _, path, _, _ in NEEDED]
    assert walked >= {path for _, path, _, _ in NEEDED} | set(doubled) | {"/api/v1", "/api/schema", "/api/docs"}


def test_no_route_is_open_to_a_stranger(client):
    make_run(id="run_a")
    api = [path for path in addresses(get_resolver()) if path.startswith("/api/")]
    for path in api:
        for method in METHODS:
            answer = client.generic(method, path, b"{}", content_type="application/json")
            assert answer.status_code == 401, (method, path)
            assert answer["WWW-Authenticate"] == "Token"
    assert Run.objects.get().status == "success"


def test_no_route_is_open_to_somebody_without_permissions():
    make_run(id="run_a")
    nobody = with_token(User.objects.create_user("nobody"))
    for method, path, _, _ in NEEDED:
        answer = nobody.generic(method, path, b"{}", content_type="application/json")
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "permission_denied"


@pytest.mark.parametrize(("method", "path", "permission", "status"), NEEDED)
def test_each_endpoint_takes_its_own_permission(method, path, permission, status):
    make_run(id="run_a")
    body = BODIES.get((method, path))
    user = User.objects.create_user("kari")
    everything_else = Permission.objects.exclude(codename__in=permission.split())
    user.user_permissions.set(everything_else)
    assert with_token(user).generic(method, path, "{}", content_type="application/json").status_code == 403
    Token.objects.all().delete()
    allowed = with_token(permitted(User.objects.get(), permission))
    assert getattr(allowed, method.lower())(path, body).status_code == status


def test_a_session_opens_to_staff_only():
    make_run()
    for username, is_staff, status in (("member", False, 403), ("staff", True, 200)):
        client = APIClient()
        client.force_login(permitted(User.objects.create_user(username, is_staff=is_staff), "view_run"))
        assert client.get(RUNS).status_code == status


def test_a_session_writes_only_with_its_csrf_token():
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("admin"))
    assert client.post(RUNS, {}).status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize("credentials", ["Token nonsense", "Token", "Token a b", "Bearer x", "Basic eDp5", "Token å"])
def test_bad_credentials_are_refused_in_the_one_shape(client, credentials):
    answer = client.get(RUNS, headers={"Authorization": credentials})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert set(answer.json()) == {"code", "message", "errors"}


def test_a_token_in_the_query_string_is_no_credential(client):
    token = Token.objects.create(user=User.objects.create_superuser("admin"))
    assert client.get(RUNS, {"token": token.key}).status_code == 401


def test_a_token_of_somebody_who_was_deactivated_opens_nothing():
    user = User.objects.create_superuser("admin")
    client = with_token(user)
    User.objects.update(is_active=False)
    assert client.get(RUNS).status_code == 401


def test_who_started_a_run_is_recorded_where_nobody_is_named():
    client = with_token(User.objects.create_superuser("kari"))
    assert client.post(RUNS, {}).json()["triggered_by"] == "kari"


def test_a_method_that_does_not_exist_is_said_to_those_who_are_let_in():
    client = with_token(User.objects.create_user("kari"))
    assert client.patch(RUNS, {}).status_code == 405


def test_superusers_read_the_documentation():
    client = with_token(User.objects.create_superuser("admin"))
    assert [client.get(path).status_code for path in ("/api/v1", "/api/schema", "/api/docs")] == [200, 200, 200]


CROSS_SITE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://["},
    {"Origin": "http://[::1"},
    {"Origin": "http://a]b"},
    {"Origin": "http://[zz]:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver:3000"},
]


@pytest.mark.parametrize("headers", CROSS_SITE)
def test_where_the_api_is_public_a_page_of_another_site_changes_nothing(api, headers):
    make_run(id="run_a")
    for method, path, _, _ in NEEDED:
        if method != "GET":
            body = BODIES.get((method, path))
            answer = getattr(api, method.lower())(path, body, headers=headers)
            assert answer.status_code == 403, (method, path)
    assert Run.objects.get().status == "success"
    assert Run.objects.get().deleted_at is None


@pytest.mark.parametrize("origin", ["http://[", "http://a]b"])
def test_an_origin_that_is_none_is_refused_also_without_credentials(client, origin):
    for method in ("POST", "PUT", "DELETE"):
        answer = client.generic(method, RUNS, "{}", content_type="application/json", headers={"Origin": origin})
        assert (answer.status_code, set(answer.json())) == (403, {"code", "message", "errors"}), method


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_where_the_api_is_public_programs_and_our_own_pages_start_runs(api, headers):
    assert api.post(RUNS, {}, headers=headers).status_code == 201


def test_a_token_may_come_from_a_page_of_another_site():
    client = with_token(User.objects.create_superuser("admin"))
    assert client.post(RUNS, {}, headers={"Origin": "https://ours.example"}).status_code == 201
