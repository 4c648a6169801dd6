"""/api/v1/status: how the house is doing, cheaply."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.wellbeing import broker
from scenarios.models import Switch
from scheduler import schedule
from scheduler.models import Heartbeat, Incident, Notice
from scheduler.operations import open_incident
from tests.admin.cast import make_batch, make_clearance, make_decision, make_notice, make_notification, make_run
from tests.factories import make_organization

STATUS = "/api/v1/status"


@pytest.fixture
def now():
    """The view reads the clock itself."""
    return timezone.now()


@pytest.fixture
def at_work(db, now):
    """A worker and the clock, both seen just now."""
    for key, kind in (("host:1", "worker"), ("clock", "tick")):
        Heartbeat.objects.create(key=key, kind=kind, started_at=now, seen_at=now)


def ask(api) -> dict:
    answer = api.get(STATUS)
    assert answer.status_code == 200, answer.content
    return answer.json()


def codes(api) -> list[str]:
    return [problem["code"] for problem in ask(api)["problems"]]


def test_all_is_well_where_somebody_is_at_work_and_nothing_waits(api, at_work):
    answer = ask(api)
    assert (answer["well"], answer["problems"]) == (True, [])
    assert answer["redis_answers"]
    assert [worker["key"] for worker in answer["workers"]] == ["host:1"]
    assert answer["queue"]["batches"] == {"count": 0, "oldest_at": None, "age_seconds": 0}
    assert answer["next_run_at"]
    assert answer["last_migration"]


def test_shows_the_last_run_and_the_last_daily_run(api, at_work, now):
    daily = make_run(schedule=schedule.daily_schedule(), slot_date=now.date(), invoked_at=now - timedelta(hours=2))
    by_hand = make_run(invoked_at=now - timedelta(hours=1))
    make_run(invoked_at=now, deleted_at=now)
    answer = ask(api)
    assert answer["last_daily_run"]["id"] == daily.pk
    assert answer["last_run"]["id"] == by_hand.pk


def test_a_worker_that_was_not_seen_for_a_minute_is_gone(api, at_work, now):
    Heartbeat.objects.filter(kind="worker").update(seen_at=now - timedelta(seconds=61))
    assert codes(api) == ["no_worker", "worker_stalled"]


def test_a_clock_that_was_not_seen_for_a_minute_is_gone(api, at_work, now):
    Heartbeat.objects.filter(kind="tick").update(seen_at=now - timedelta(seconds=61))
    assert codes(api) == ["no_clock"]


def test_redis_that_does_not_answer_is_said_and_not_waited_for(api, at_work, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = ask(api)
    assert not answer["redis_answers"]
    assert "redis_away" in codes(api)


def test_redis_is_asked_without_trying_again():
    assert broker.BRIEFLY["socket_connect_timeout"] + broker.BRIEFLY["socket_timeout"] <= 0.5
    assert broker.BRIEFLY["retry"].get_retries() == 0


@pytest.mark.parametrize("kind", Incident.Kind.values)
def test_an_open_incident_is_a_problem_of_its_kind(api, at_work, now, kind):
    open_incident(kind, run=make_run(status="failed"), message="Look at it.", now=now)
    assert codes(api) == [kind]
    assert ask(api)["incidents"][0]["kind"] == kind


def test_what_is_over_is_no_problem(api, at_work, now):
    open_incident("failed", run=make_run(status="failed"), message="Look at it.", now=now)
    Incident.objects.update(closed_at=now)
    assert ask(api)["well"]


def test_messages_that_are_switched_off_are_a_problem(api, at_work, now):
    Switch.objects.create(telling_enabled=False, why="A test", changed_at=now)
    make_organization(telling_enabled=False)
    assert codes(api) == ["switched_off", "organizations_off"]
    assert ask(api)["messages"] == {"on": False, "organizations_off": 1}


def test_a_daily_run_that_is_off_is_a_problem(api, at_work):
    daily = schedule.daily_schedule()
    daily.enabled = False
    daily.save()
    assert codes(api) == ["daily_run_off"]
    assert ask(api)["next_run_at"] is None


def test_a_message_that_is_due_is_counted_and_how_long_it_has_waited(api, at_work, now):
    make_notification(status="pending", finished_at=None, due_at=now - timedelta(seconds=50))
    make_notification(status="pending", finished_at=None, due_at=now - timedelta(seconds=90))
    assert ask(api)["queue"]["notifications"]["count"] == 2
    assert 90 <= ask(api)["queue"]["notifications"]["age_seconds"] < 150


def test_a_message_that_a_switch_holds_back_does_not_wait_for_a_sender(api, at_work, now):
    message = make_notification(status="pending", finished_at=None, due_at=now - timedelta(seconds=90))
    organization = message.mentor.organization
    organization.telling_enabled = False
    organization.save()
    assert ask(api)["queue"]["notifications"]["count"] == 0


def test_a_message_that_is_tried_again_later_does_not_wait(api, at_work, now):
    make_notification(status="pending", finished_at=None, due_at=now + timedelta(minutes=5))
    assert ask(api)["queue"]["notifications"]["count"] == 0


def pending(now, **fields):
    due = now - timedelta(seconds=20)
    return make_decision(outcome="pending", settled_at=None, scheduled_for=due, **fields)


def test_decisions_wait_when_they_are_due_cleared_and_unwritten(api, at_work, now):
    decision = pending(now, run_id="run_9")
    assert ask(api)["queue"]["decisions"]["count"] == 0, "not cleared"
    clearance = make_clearance(9)
    type(clearance).objects.update(organization=decision.organization, status="cleared", explanation="")
    waiting = ask(api)["queue"]["decisions"]
    assert waiting["count"] == 1
    assert waiting["age_seconds"] >= 20
    make_notification(status="pending", finished_at=None, due_at=now + timedelta(minutes=5), decision=decision)
    assert ask(api)["queue"]["decisions"]["count"] == 0


def test_batches_wait_from_when_they_were_cut(api, at_work, now):
    run = make_run(status="running", finished_at=None, batches_total=2, invoked_at=now)
    make_batch(run, as_of=now - timedelta(seconds=30))
    make_batch(run, as_of=now)
    waiting = ask(api)["queue"]["batches"]
    assert waiting["count"] == 2
    assert waiting["age_seconds"] >= 30


def test_says_whether_anybody_is_told_and_what_could_not_be_sent(api, at_work, now, settings):
    assert ask(api)["notices"] == {"channels": [], "waiting": 0, "given_up": 0}
    settings.OPERATORS, settings.PING_URL = ["ops@example.org"], "https://ping.example.org/x"
    make_notice(made_at=now, status=Notice.Status.GIVEN_UP, incident=over(now))
    make_notice(made_at=now, incident=over(now))
    assert ask(api)["notices"] == {"channels": ["email", "ping"], "waiting": 1, "given_up": 1}
    assert codes(api) == ["notices_given_up"]


def over(now) -> Incident:
    return Incident.objects.create(kind="late", message="Late.", opened_at=now, closed_at=now)


def test_says_no_address_and_no_secret(api, at_work, settings):
    settings.OPERATORS, settings.PING_URL = ["ops@example.org"], "https://ping.example.org/secret"
    said = api.get(STATUS).content.decode()
    assert "ops@example.org" not in said
    assert "secret" not in said


def test_takes_no_parameters(api, db):
    assert api.get(f"{STATUS}?x=1").status_code == 400


def test_asks_as_often_however_much_waits(api, at_work, now):
    ask(api)
    with CaptureQueriesContext(connection) as before:
        ask(api)
    make_notification(status="sent")
    for _n in range(5):
        pending(now)
        make_run(invoked_at=now)
        over(now)
    with CaptureQueriesContext(connection) as after:
        ask(api)
    assert len(after) == len(before) <= 16


def test_is_for_those_who_may_see_runs(client, settings, django_user_model, db):
    from django.contrib.auth.models import Permission
    from rest_framework.authtoken.models import Token

    settings.API_ACCESS = "protected"
    assert client.get(STATUS).status_code == 401
    user = django_user_model.objects.create_user("watcher")
    token = {"Authorization": f"Token {Token.objects.create(user=user)}"}
    assert client.get(STATUS, headers=token).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_run", "view_incident"]))
    assert client.get(STATUS, headers=token).status_code == 200


def test_is_in_the_schema_with_all_its_keys(api, at_work):
    schema = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    reference = schema["paths"][STATUS]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert list(schema["components"]["schemas"][reference.rsplit("/", 1)[1]]["properties"]) == list(ask(api))
