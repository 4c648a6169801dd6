"""A worker that lives but hears nothing ends itself; one that is idle, busy, or without Redis does not."""

import pytest

from config.wellbeing.deaf import EXIT_CODE, Ear
from scheduler import tasks
from scheduler.models import Heartbeat, Incident
from scheduler.operations import watch
from tests.eventually import eventually
from tests.factories import NOW
from tests.house.proxy import LossyProxy
from tests.servers import redis_database
from tests.workers import PATIENCE


def looks(*situations: str) -> list[bool]:
    """Look every five seconds with a patience of thirty, in a situation each time."""
    ear, answers = Ear(30), []
    for number, situation in enumerate(situations):
        ear.heard = situation == "heard"
        answers.append(ear.is_deaf(number * 5.0, busy=situation == "busy", waiting=situation != "empty"))
    return answers


def test_is_deaf_when_messages_waited_for_all_its_patience_and_not_a_look_sooner():
    assert looks(*["waiting"] * 7) == [False] * 6 + [True]


@pytest.mark.parametrize("good", ["heard", "busy", "empty"])
def test_one_good_look_begins_the_patience_anew(good):
    assert looks(*["waiting"] * 6, good, *["waiting"] * 6) == [False] * 13


@pytest.mark.parametrize("good", ["heard", "busy", "empty"])
def test_is_not_deaf_in_any_amount_of_good_looks(good):
    assert not any(looks(*[good] * 50))


@pytest.fixture
def proxy(servers):
    proxy = LossyProxy(str(servers.redis.socket_path))
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_real_worker_that_hears_nothing_ends_itself_and_leaves_word(celery_worker_process, proxy, pool):
    address = f"redis://127.0.0.1:{proxy.port}/{redis_database()}"
    worker = celery_worker_process(pool=pool, REDIS_URL=address, WORKER_DEAF_AFTER="2")
    tasks.run_daily.apply_async()
    eventually(Heartbeat.objects.exists, "the worker hears")
    proxy.deaf.set()
    for _n in range(3):
        tasks.tick.apply_async()
    worker.wait_for_line("worker_deaf")
    assert worker.process.wait(PATIENCE) == EXIT_CODE
    assert Incident.objects.get(kind="deaf").closed_at is None
    proxy.deaf.clear()
    celery_worker_process(REDIS_URL=address)
    eventually(lambda: Incident.objects.filter(closed_at__isnull=False).exists(), "work moves again")


@pytest.mark.django_db
def test_word_of_a_deaf_worker_is_over_with_the_next_tick_that_is_heard():
    Incident.objects.create(kind="deaf", message="A worker heard nothing.", opened_at=NOW)
    watch(now=NOW)
    assert Incident.objects.get().closed_at == NOW
