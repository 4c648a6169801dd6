"""Every change leaves one line with the account and the request's id, and no line says anything of a mentor."""

import io
import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from config.logs import OneLine
from config.request import OfRequest
from scenarios.models import PeerMentor
from scheduler.models import Run
from tests.admin.cast import make_named_mentor
from tests.admin.pages import change_address, filled_in

RUNS = "/api/v1/scheduler-invocations"
FORMAT = "%(levelname)s %(name)s [%(request_id)s] %(message)s"

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """What the log says, line by line, as the house writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine(FORMAT))
    handler.addFilter(OfRequest())
    root, audit = logging.getLogger(), logging.getLogger("peerwell.audit")
    levels = audit.level
    root.addHandler(handler)
    audit.setLevel(logging.INFO)
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)
    audit.setLevel(levels)


@pytest.fixture
def kari(settings) -> APIClient:
    settings.API_ACCESS = "protected"
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=User.objects.create_superuser('kari'))}")
    return client


def audited(log) -> list[str]:
    return [line for line in log() if "peerwell.audit" in line]


def test_a_start_leaves_a_line_with_who_and_which_run_and_the_id_that_was_sent(kari, log):
    answer = kari.post(RUNS, {}, headers={"X-Request-ID": "req-1"})
    assert answer["X-Request-ID"] == "req-1"
    (line,) = audited(log)
    assert "[req-1]" in line
    assert answer.json()["id"] in line
    assert line.endswith("by kari")


def test_ingest_leaves_one_line_for_each_change_and_none_for_a_look(kari, log):
    mentor = make_named_mentor()
    mentor.contact.name = "Zkanari"
    mentor.contact.save()
    one = "/api/v1/activities/act_x"
    fact = {"id": "act_x", "user_id": mentor.user_id, "activity_type": "visit", "completed_at": "2026-03-01T10:00:00Z"}
    assert kari.post("/api/v1/activities", fact).status_code == 201
    assert kari.put(one, {"activity_type": "call"}).status_code == 200
    kari.get(one)
    assert kari.delete(one).status_code == 200
    assert len(audited(log)) == 3
    assert all("act_x" in line and line.endswith("by kari") for line in audited(log))


def test_a_question_that_is_posted_leaves_no_line(kari, log):
    asked = {"rule": {"trigger_type": "inactivity", "threshold_days": 14}}
    assert kari.post("/api/v1/rules/preview", asked).status_code == 200
    assert audited(log) == []


def test_a_malformed_id_is_replaced(client, log):
    assert client.get("/healthz", headers={"X-Request-ID": "a b\nc"})["X-Request-ID"].startswith("req_")


def test_an_admins_change_leaves_one_line_without_a_name(admin_client, log):
    mentor = make_named_mentor()
    url = change_address(mentor)
    admin_client.post(url, filled_in(admin_client, url, **{"contact-0-name": "Zkanari Nordmann"}))
    (line,) = audited(log)
    assert f"peermentor {mentor.pk} changed by admin" in line
    assert not [line for line in log() if "Zkanari" in line]


def test_a_verb_that_is_logged_already_is_not_logged_twice(admin_client, log):
    admin_client.post(reverse("admin:scenarios_organization_switch"), {"why": "Zkanari is ill"})
    (line,) = audited(log)
    assert "messages turned off by admin" in line
    assert not [line for line in log() if "Zkanari" in line]


def test_sign_ins_that_succeed_and_fail_leave_a_line_without_the_password(log):
    User.objects.create_superuser("ola", password="zkanari-password")
    login = reverse("admin:login")
    Client().post(login, {"username": "ola\r\nERROR forged", "password": "zkanari-wrong"})
    Client().post(login, {"username": "ola", "password": "zkanari-password"})
    failed, signed_in = audited(log)
    assert failed.endswith("sign-in failed for olaERRORforged")
    assert signed_in.endswith("sign-in of ola")
    assert not [line for line in log() if "zkanari" in line]


def test_a_refused_request_is_one_quiet_line_with_who_asked_and_no_address_from_the_path(kari, log):
    kari.get("/api/v1/peer-mentors/zkanari@example.org", {"q": "zkanari"}, headers={"X-Request-ID": "req-2"})
    kari.get("/api/v1/peer-mentors/nobody", headers={"X-Request-ID": "req-3"})
    assert log() == [
        "INFO django.request [req-2] 404 GET /api/v1/peer-mentors/* by -",
        "INFO django.request [req-3] 404 GET /api/v1/peer-mentors/nobody by kari",
    ]


def test_staff_start_runs_in_their_own_name_alone(kari, log):
    User.objects.create_user("boss")
    for name in ("boss", "admin_usr_001"):
        answer = kari.post(RUNS, {"triggered_by": name})
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {"triggered_by"})
    assert not Run.objects.exists()
    assert kari.post(RUNS, {"triggered_by": "kari"}).status_code == 201


def test_a_program_names_people_of_its_own_system_and_nobody_with_an_account(kari, log):
    User.objects.filter(username="kari").update(is_staff=False)
    User.objects.create_user("boss")
    assert kari.post(RUNS, {"triggered_by": "Boss"}).status_code == 400
    assert kari.post(RUNS, {"triggered_by": "admin_usr_001"}).json()["triggered_by"] == "admin_usr_001"
    assert audited(log)[-1].endswith("by kari")


def test_no_line_of_a_request_goes_without_its_id(kari, log):
    assert PeerMentor.objects.count() == 0
    kari.post(RUNS, {"reason": 5}, headers={"X-Request-ID": "req-3"})
    kari.post(RUNS, {}, headers={"X-Request-ID": "req-3"})
    assert log()
    assert all("[req-3]" in line for line in log())
