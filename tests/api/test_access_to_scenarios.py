"""Who may evaluate and feed: each endpoint takes a permission of its own, and is closed to everybody else."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import get_resolver
from rest_framework.authtoken.models import Token

from scenarios.models import Evaluation, PeerMentor
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_certification,
    make_chapter,
    make_mentor,
    make_organization,
    make_pause,
    make_rule,
)

from .evaluations import EVALUATIONS, make_evaluation
from .test_access import addresses, permitted, with_token

V1 = "/api/v1"
ACTIVITY = {"id": "act_b", "user_id": "usr_a", "activity_type": "run", "completed_at": "2026-03-25T11:00:00Z"}
MENTOR = {"user_id": "usr_b", "organization_id": "org_a", "joined_at": "2026-01-01T00:00:00Z"}
PAUSE = {"user_id": "usr_a", "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-06-01T00:00:00Z"}
CERTIFICATION = {"id": "cert_b", "user_id": "usr_a", "kind": "Basic", "expires_at": "2027-01-01T00:00:00Z"}
# What each endpoint takes, written down a second time on purpose.
NEEDED = [
    ("GET", EVALUATIONS, "view_evaluation", 200, None),
    ("GET", f"{EVALUATIONS}/eval_a", "view_evaluation", 200, None),
    ("POST", EVALUATIONS, "add_evaluation add_activity", 201, {"chapter_id": "ch_a", "activity": ACTIVITY}),
    ("PUT", f"{EVALUATIONS}/eval_a", "change_evaluation", 200, {"status": "archived"}),
    ("DELETE", f"{EVALUATIONS}/eval_a", "delete_evaluation", 200, None),
    ("GET", f"{EVALUATIONS}/active-rules", "view_rule", 200, None),
    (
        "POST",
        f"{EVALUATIONS}/trigger-check",
        "view_rule view_peermentor",
        200,
        {"rule_id": "r_a", "activity": ACTIVITY},
    ),
    ("GET", f"{V1}/peer-mentors", "view_peermentor", 200, None),
    ("GET", f"{V1}/peer-mentors/usr_a", "view_peermentor", 200, None),
    ("POST", f"{V1}/peer-mentors", "add_peermentor", 201, MENTOR),
    ("PUT", f"{V1}/peer-mentors/usr_a", "change_peermentor", 200, {"weekly_minutes": 60}),
    ("GET", f"{V1}/activities", "view_activity", 200, None),
    ("GET", f"{V1}/activities/act_a", "view_activity", 200, None),
    ("POST", f"{V1}/activities", "add_activity", 201, ACTIVITY),
    ("PUT", f"{V1}/activities/act_a", "change_activity", 200, {"participants": 3}),
    ("DELETE", f"{V1}/activities/act_a", "delete_activity", 200, None),
    ("GET", f"{V1}/certifications", "view_certification", 200, None),
    ("GET", f"{V1}/certifications/cert_a", "view_certification", 200, None),
    ("POST", f"{V1}/certifications", "add_certification", 201, CERTIFICATION),
    ("PUT", f"{V1}/certifications/cert_a", "change_certification", 200, {"kind": "Advanced"}),
    ("DELETE", f"{V1}/certifications/cert_a", "delete_certification", 200, None),
    ("GET", f"{V1}/pauses", "view_pause", 200, None),
    ("GET", f"{V1}/pauses/900001", "view_pause", 200, None),
    ("POST", f"{V1}/pauses", "add_pause", 201, PAUSE),
    ("PUT", f"{V1}/pauses/900001", "change_pause", 200, {"ends_at": "2026-04-30T00:00:00Z"}),
    ("DELETE", f"{V1}/pauses/900001", "delete_pause", 200, None),
]


@pytest.fixture(autouse=True)
def protected(db, settings):
    settings.API_ACCESS = "protected"
    chapter = make_chapter(make_organization(id="org_a"), id="ch_a")
    mentor = make_mentor(chapter.organization, user_id="usr_a")
    make_rule("long_session", id="r_a")
    make_evaluation(id="eval_a", chapter=chapter, activity=make_activity(mentor, activity_id="act_a"))
    make_certification(mentor, certification_id="cert_a", expires_at=NOW + days(90))
    make_pause(mentor, pk=900001, starts_at=NOW, ends_at=NOW + days(2))


def ask(client, method: str, path: str, body):
    return getattr(client, method.lower())(path, body)


def test_the_walk_of_all_addresses_finds_these():
    walked = {path for path in addresses(get_resolver()) if path.startswith("/api/")}
    collections = {path for method, path, *_ in NEEDED if method == "POST"}
    doubled = {path.replace(V1, f"{EVALUATIONS}/api/v1", 1) for path in collections if path.startswith(EVALUATIONS)}
    assert walked >= collections | doubled


def test_strangers_and_those_without_permissions_get_in_nowhere_and_change_nothing(client):
    nobody = with_token(User.objects.create_user("nobody"))
    for method, path, _permission, _status, body in NEEDED:
        assert client.generic(method, path, b"{}", content_type="application/json").status_code == 401, path
        assert ask(nobody, method, path, body).status_code == 403, (method, path)
    assert Evaluation.objects.get().status == "completed"
    assert PeerMentor.objects.count() == 1


@pytest.mark.parametrize(("method", "path", "permission", "status", "body"), NEEDED)
def test_each_endpoint_takes_its_own_permission(method, path, permission, status, body):
    user = User.objects.create_user("kari")
    user.user_permissions.set(Permission.objects.exclude(codename__in=permission.split()))
    assert ask(with_token(user), method, path, body).status_code == 403
    Token.objects.all().delete()
    assert ask(with_token(permitted(User.objects.get(), permission)), method, path, body).status_code == status


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_where_the_api_is_public_a_page_of_another_site_changes_nothing(api, headers):
    for method, path, _permission, _status, body in NEEDED:
        if method != "GET":
            answer = getattr(api, method.lower())(path, body, headers=headers)
            assert answer.status_code == 403, (method, path)
