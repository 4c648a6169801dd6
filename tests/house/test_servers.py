"""The servers that the tests run on."""

import redis
from django.conf import settings
from django.db import connection

from config.celery import app
from tests.servers import redis_database
from tests.workers import redis_client


def test_are_not_those_of_make_run(db, servers):
    assert str(servers.folder) in settings.DATABASES["default"]["HOST"]
    assert str(servers.folder) in settings.REDIS_URL


def test_postgres_has_the_session_settings_of_the_app(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('jit'), current_setting('client_connection_check_interval')")
        assert cursor.fetchone() == ("off", "1s")


def test_give_each_parallel_worker_a_redis_database_of_its_own(servers):
    client = redis_client(servers)
    assert isinstance(client, redis.Redis)
    assert app.conf.broker_url.endswith(f"virtual_host={redis_database()}")
    assert client.ping()


def test_serve_a_real_worker_on_the_tests_own_database(celery_worker_process):
    worker = celery_worker_process(pool="prefork", concurrency=2)
    assert worker.stop() == 0
