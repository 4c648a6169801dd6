"""A POST that creates may be sent again under its Idempotency-Key, and creates once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from config.api import idempotency
from config.models import IdempotencyKey
from scheduler.models import Batch, Run

from .runs import RUNS, make_run

KEY = {"Idempotency-Key": "0b5e1f6a"}


def test_the_same_request_gets_the_first_answer_again(api):
    first = api.post(RUNS, {"reason": "a"}, headers=KEY)
    second = api.post(RUNS, {"reason": "a"}, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Run.objects.count() == 1


def test_the_first_answer_is_given_again_even_where_the_world_has_moved(api):
    first = api.post(RUNS, {}, headers=KEY)
    Run.objects.update(reason="changed")
    assert api.post(RUNS, {}, headers=KEY).json() == first.json()


def test_the_other_form_of_the_address_is_the_same_request(api):
    api.post(RUNS, {"reason": "a"}, headers=KEY)
    doubled = f"{RUNS}/api/v1/scheduler-invocations/"
    again = api.generic("POST", doubled, b'{ "reason" : "a" }', content_type="application/json", headers=KEY)
    assert again["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(api):
    api.post(RUNS, {"reason": "a"}, headers=KEY)
    answer = api.post(RUNS, {"reason": "b"}, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Run.objects.count() == 1


def test_another_endpoint_under_the_same_key_is_refused(api):
    api.post(RUNS, {}, headers=KEY)
    answer = api.post(f"{RUNS}/evaluation-batch", {"user_ids": ["usr_a"], "run_id": "run_a"}, headers=KEY)
    assert answer.status_code == 422


def test_a_batch_is_appended_once(api):
    make_run(id="run_a")
    asked = {"user_ids": ["usr_a"], "run_id": "run_a"}
    first, second = (api.post(f"{RUNS}/evaluation-batch", asked, headers=KEY) for _ in range(2))
    assert first.content == second.content
    assert Batch.objects.count() == 1


def test_without_a_key_each_request_creates(api):
    for _ in range(2):
        api.post(RUNS, {})
    assert Run.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("body", [{"reason": 5}, {"unknown": 1}])
def test_nothing_is_saved_for_a_request_that_was_refused(api, body):
    assert api.post(RUNS, body, headers=KEY).status_code == 400
    assert api.post(RUNS, {}, headers=KEY).status_code == 201


def test_nothing_is_saved_for_a_conflict(api):
    make_run(id="run_a", status="held")
    asked = {"user_ids": ["usr_a"], "run_id": "run_a"}
    assert api.post(f"{RUNS}/evaluation-batch", asked, headers=KEY).status_code == 409
    Run.objects.update(status="success")
    assert api.post(f"{RUNS}/evaluation-batch", asked, headers=KEY).status_code == 201


def test_where_the_answer_can_not_be_saved_nothing_is_created(api):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE config_idempotencykey ADD CONSTRAINT closed CHECK (false)")
    assert api.post(RUNS, {}, headers=KEY).status_code == 500
    assert not Run.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "nøkkel", "a\x7fb"])
def test_a_key_is_1_to_255_printable_ascii_characters(api, key):
    answer = api.post(RUNS, {}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]
    assert not Run.objects.exists()


def test_a_key_of_255_characters_is_taken(api):
    assert api.post(RUNS, {}, headers={"Idempotency-Key": "x" * 255}).status_code == 201


def test_keys_of_different_users_do_not_meet(db, settings):
    settings.API_ACCESS = "protected"
    for name in ("kari", "ola"):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=User.objects.create_superuser(name))}")
        assert client.post(RUNS, {"reason": name}, headers=KEY).status_code == 201
    assert Run.objects.count() == 2


def test_a_key_is_forgotten_after_a_day_and_not_before(api):
    api.post(RUNS, {"reason": "a"}, headers=KEY)
    IdempotencyKey.objects.update(created_at=IdempotencyKey.objects.get().created_at - timedelta(hours=23))
    assert api.post(RUNS, {"reason": "b"}, headers=KEY).status_code == 422
    IdempotencyKey.objects.update(created_at=IdempotencyKey.objects.get().created_at - timedelta(hours=1))
    assert api.post(RUNS, {"reason": "b"}, headers=KEY).status_code == 201


def test_old_answers_are_swept_away_by_later_ones(api):
    api.post(RUNS, {}, headers={"Idempotency-Key": "old"})
    IdempotencyKey.objects.update(created_at=IdempotencyKey.objects.get().created_at - idempotency.KEPT_FOR)
    api.post(RUNS, {}, headers={"Idempotency-Key": "new"})
    assert IdempotencyKey.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_still_being_answered_is_a_conflict(api):
    def ask() -> int:
        try:
            return api.post(RUNS, {}, headers=KEY).status_code
        finally:
            connections.close_all()

    with transaction.atomic():
        idempotency.take_turn("public", KEY["Idempotency-Key"])
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(ask).result(60) == 409
    assert not Run.objects.exists()
    assert api.post(RUNS, {}, headers=KEY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_creates(settings):
    settings.API_ACCESS = "public"
    together = Barrier(8, timeout=60)

    def ask() -> int:
        try:
            together.wait()
            return APIClient().post(RUNS, {}, headers=KEY).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = [future.result(60) for future in [pool.submit(ask) for _ in range(8)]]
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Run.objects.count() == 1
