"""A statement that takes too long ends with a clear answer, and doesn't hold the house up."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_a_statement_of_a_request_is_stopped_after_some_seconds(client, settings, monkeypatch):
    settings.API_ACCESS, settings.REQUEST_STATEMENT_SECONDS = "public", 1

    def sleep(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr("scheduler.api.questions.account_of", sleep)
    from tests.factories import make_mentor

    answer = client.get(f"/api/v1/peer-mentors/{make_mentor().user_id}/explanation")
    assert (answer.status_code, answer.json()["code"]) == (503, "took_too_long")


def test_a_preview_that_is_stopped_becomes_a_job(client, settings, monkeypatch):
    settings.API_ACCESS, settings.REQUEST_STATEMENT_SECONDS = "public", 1

    def sleep(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr("scheduler.answers.preview", sleep)
    body = {"rule": {"trigger_type": "inactivity", "threshold_days": 7}}
    answer = client.post("/api/v1/rules/preview", body, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
