"""Long questions are jobs: 202 with an address, one at a time, seen by who asked, and gone after a day."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.utils import timezone
from rest_framework.authtoken.models import Token

from scheduler import answers, hurry, operations
from scheduler.api.jobs import answer
from scheduler.models import Job
from scheduler.operations.questions import LOCK
from tests.factories import days, make_mentor, make_rule

pytestmark = pytest.mark.django_db(transaction=True)
BACKTEST = "/api/v1/rules/backtest"
JSON = "application/json"


@pytest.fixture
def public(settings):
    settings.API_ACCESS = "public"


def may_look(name: str):
    user = get_user_model().objects.create_user(name)
    wanted = [permission.split(".") for permission in answers.PERMISSIONS]
    user.user_permissions.set(
        Permission.objects.get(content_type__app_label=app, codename=codename) for app, codename in wanted
    )
    return user, {"Authorization": f"Token {Token.objects.create(user=user).key}"}


def work() -> bool:
    return operations.answer_one_question(answer, clock=timezone.now)


def test_a_backtest_is_answered_by_a_worker_and_kept_for_a_day(client, public):
    make_rule("inactivity", threshold_days=14)
    make_mentor(idle_for=days(40), now=timezone.now())
    asked = client.post(BACKTEST, {"days": 7}, content_type=JSON)
    assert (asked.status_code, asked.json()["state"], asked.json()["place"]) == (202, "queued", 0)
    address = asked["Location"]
    assert work()
    done = client.get(address).json()
    assert (done["state"], done["progress"], len(done["result"]["days"])) == ("done", 100, 7)
    assert not work(), "nothing is left"
    operations.reconcile_questions(now=timezone.now() + timedelta(hours=23))
    assert client.get(address).status_code == 200
    operations.reconcile_questions(now=timezone.now() + timedelta(hours=25))
    assert client.get(address).status_code == 404


def test_only_who_asked_sees_a_question(client):
    (_kari, hers), (_ola, his) = may_look("kari"), may_look("ola")
    address = client.post(BACKTEST, {"days": 7}, content_type=JSON, headers=hers)["Location"]
    assert client.get(address, headers=hers).status_code == 200
    assert client.get(address, headers=his).status_code == 404
    assert client.delete(address, headers=his).status_code == 404
    assert client.get("/api/v1/jobs", headers=his).json() == []
    assert len(client.get("/api/v1/jobs", headers=hers).json()) == 1


def test_who_has_five_questions_waiting_is_asked_to_wait_and_others_are_not(client):
    (_kari, hers), (_ola, his) = may_look("kari"), may_look("ola")
    codes = [client.post(BACKTEST, {"days": 7}, content_type=JSON, headers=hers).status_code for _ in range(6)]
    assert codes == [202] * 5 + [409]
    assert client.post(BACKTEST, {"days": 7}, content_type=JSON, headers=his).status_code == 202
    first, second = work() and work(), Job.objects.filter(state="done").order_by("started_at").last()
    assert first
    assert second.asked_by.username == "ola", "who was served goes behind who wasn't"


def test_the_same_key_asks_once(client, public):
    sent = [
        client.post(BACKTEST, {"days": 7}, content_type=JSON, headers={"Idempotency-Key": "k"}).json()["id"]
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    assert Job.objects.count() == 1


def test_a_cancelled_question_is_not_answered(client, public):
    address = client.post(BACKTEST, {"days": 7}, content_type=JSON)["Location"]
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["state"] == "cancelled"
    assert not work()
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404, "what is over is forgotten"


def test_a_question_that_is_being_answered_can_be_cancelled(client, public):
    """Also in the middle of a statement that takes long."""
    address = client.post(BACKTEST, {"days": 7}, content_type=JSON)["Location"]
    sleeping = threading.Event()

    def takes_for_ever(job, progress):
        progress(0.1)
        sleeping.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        return {}

    def work_on_it():
        try:
            operations.answer_one_question(takes_for_ever, clock=timezone.now)
        finally:
            connections.close_all()

    worker = threading.Thread(target=work_on_it)
    worker.start()
    assert sleeping.wait(30)
    assert client.get(address).json()["progress"] == 10
    assert client.delete(address).status_code == 204
    worker.join(30)
    assert not worker.is_alive(), "its statement is cancelled too"
    assert client.get(address).json()["state"] == "cancelled"


def test_what_a_dead_worker_left_is_taken_up_again_and_given_up_after_three_starts(client, public):
    job = Job.objects.create(
        kind="backtest",
        question={"days": 7},
        state="running",
        starts=1,
        created_at=timezone.now(),
        started_at=timezone.now(),
    )
    assert work()
    job.refresh_from_db()
    assert (job.state, job.starts) == ("done", 2)
    Job.objects.filter(pk=job.pk).update(state="running", starts=3, result=None, finished_at=None, expires_at=None)
    assert not work()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "died 3 times" in job.error


def test_one_question_is_answered_at_a_time(client, public):
    client.post(BACKTEST, {"days": 7}, content_type=JSON)
    other = connections.create_connection("default")
    other.settings_dict = connection.settings_dict
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        assert not work()
    finally:
        other.close()
    assert work()


def test_a_run_goes_before_a_question(client, public):
    make_rule("inactivity", threshold_days=14)
    make_mentor(idle_for=days(40), now=timezone.now())
    client.post(BACKTEST, {"days": 7}, content_type=JSON)
    operations.start_run(now=timezone.now())
    assert not work()
    assert operations.run_one_batch(now=timezone.now())
    assert work()


def test_a_preview_that_takes_too_long_becomes_a_job(client, public, monkeypatch):
    monkeypatch.setattr(hurry, "SECONDS", -1)
    make_rule("long_session")
    asked = client.post("/api/v1/rules/preview", {"rule": {"trigger_type": "long_session"}}, content_type=JSON)
    assert asked.status_code in (200, 202)
    make_activity_of_a_long_session()
    asked = client.post("/api/v1/rules/preview", {"rule": {"trigger_type": "long_session"}}, content_type=JSON)
    assert (asked.status_code, asked.json()["kind"]) == (202, "preview")
    assert work()
    assert client.get(asked["Location"]).json()["result"]["fires"] == 1


def test_a_preview_that_comes_while_others_are_answered_becomes_a_job(client, public):
    body = {"rule": {"trigger_type": "inactivity", "threshold_days": 7}}
    with hurry.at_once(), hurry.at_once():
        assert client.post("/api/v1/rules/preview", body, content_type=JSON).status_code == 202
    assert client.post("/api/v1/rules/preview", body, content_type=JSON).status_code == 200


def make_activity_of_a_long_session():
    from tests.factories import make_activity

    make_activity(make_mentor(), completed_at=timezone.now() - days(2), duration_seconds=7_200)
