"""/healthz: is the process alive? /readyz: can it work?"""

import pytest
from django.db import connection, connections

from config.wellbeing import health


def test_answers_without_asking_the_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_is_not_kept_by_caches(client, path, db):
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_refuses_to_be_written_to(client, path, db):
    assert client.post(path).status_code == 405


def test_is_ready_with_a_database_that_has_every_migration(client, db):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready"}


@pytest.mark.django_db(transaction=True)
def test_is_not_ready_before_the_last_migration_is_applied_and_names_it(client):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = 'x' WHERE app = 'scheduler' AND name = '0003_incidents'")
    try:
        response = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = '0003_incidents' WHERE name = 'x'")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "missing": ["migration scheduler.0003_incidents"]}


def test_a_squashed_migration_counts_as_applied_where_those_that_it_replaces_are(client, db, monkeypatch):
    squashed = {("scheduler", "0001_squashed_0003"): [("scheduler", "0001_initial"), ("scheduler", "0003_incidents")]}
    monkeypatch.setattr(health, "needed_migrations", lambda: squashed)
    assert client.get("/readyz").status_code == 200
    squashed[("scheduler", "0001_squashed_0003")].append(("scheduler", "0004_unheard_of"))
    assert client.get("/readyz").status_code == 503


def test_is_not_ready_in_an_empty_database(client, db, monkeypatch):
    empty = {**connection.get_connection_params(), "dbname": "postgres"}
    monkeypatch.setattr(connections["default"], "get_connection_params", lambda: dict(empty))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "migration scheduler.0001_initial" in response.json()["missing"]


def test_is_not_ready_without_a_database_and_keeps_its_address_to_itself(client, monkeypatch, tmp_path):
    nowhere = {"host": str(tmp_path), "user": "somebody", "password": "secret", "dbname": "peerwell"}
    monkeypatch.setattr(connections["default"], "get_connection_params", lambda: dict(nowhere))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "missing": ["postgresql"]}
    for said in ("somebody", "secret", str(tmp_path)):
        assert said not in response.content.decode()


def test_waits_for_a_database_that_hangs_no_longer_than_it_says(monkeypatch):
    parameters = {}

    def note(**given):
        parameters.update(given)
        raise health.psycopg.OperationalError

    monkeypatch.setattr(health.psycopg, "connect", note)
    assert health.what_is_missing() == ["postgresql"]
    assert parameters["connect_timeout"] == 2
    assert parameters["options"].endswith("-c statement_timeout=2s")
