"""A worker that lives but hears nothing ends itself; one that is idle, busy, or without Redis does not."""

import os
import socket
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from config.wellbeing.worker_watchdog import EXIT_CODE, Ear
from scheduler import tasks
from scheduler.models import Heartbeat, Incident
from scheduler.operations import watch
from scheduler.operations.heartbeats import stalled_workers
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
    worker.wait_for_line("worker_deaf")
    assert worker.process.wait(PATIENCE) == EXIT_CODE
    assert Incident.objects.get(kind="deaf").closed_at is None
    proxy.deaf.clear()
    celery_worker_process(REDIS_URL=address)
    tasks.tick.apply_async()
    eventually(lambda: Incident.objects.filter(closed_at__isnull=False).exists(), "work moves again")


@pytest.mark.django_db
def test_word_of_a_deaf_worker_is_over_with_the_next_tick_that_is_heard():
    Incident.objects.create(kind="deaf", message="A worker heard nothing.", opened_at=NOW)
    watch(now=NOW)
    assert Incident.objects.get().closed_at == NOW


def test_a_deaf_worker_is_found_though_another_takes_every_message(celery_worker_process, proxy):
    address = f"redis://127.0.0.1:{proxy.port}/{redis_database()}"
    deaf = celery_worker_process(REDIS_URL=address, WORKER_DEAF_AFTER="2")
    eventually(Heartbeat.objects.exists, "the worker is seen")
    proxy.deaf.set()
    hearing = celery_worker_process()
    tasks.tick.apply_async()
    assert deaf.process.wait(PATIENCE) == EXIT_CODE
    assert hearing.process.poll() is None


def test_a_busy_or_idle_worker_is_seen_though_it_is_sent_nothing(celery_worker_process):
    celery_worker_process()
    eventually(lambda: Heartbeat.objects.filter(kind="worker").exists(), "the worker says that it is there")


def test_a_worker_that_ends_in_order_is_not_taken_for_a_stalled_one(celery_worker_process):
    worker = celery_worker_process()
    eventually(lambda: Heartbeat.objects.filter(kind="worker").exists(), "the worker says that it is there")
    assert worker.stop() == 0
    assert not Heartbeat.objects.filter(kind="worker").exists()


@pytest.mark.django_db
class TestStalledWorkers:
    """Which silent workers are shown to people."""

    def silent_for(self, seconds: int, key: str) -> list[str]:
        seen = NOW - timedelta(seconds=seconds)
        Heartbeat.objects.create(key=key, kind="worker", started_at=seen, seen_at=seen)
        return [worker.key for worker in stalled_workers(now=NOW)]

    def test_one_that_was_seen_a_moment_ago_is_none(self):
        assert self.silent_for(59, "elsewhere:1") == []

    def test_a_silent_one_of_another_machine_is_one(self):
        assert self.silent_for(61, "elsewhere:1") == ["elsewhere:1"]

    def test_one_that_was_silent_for_long_is_of_no_interest(self):
        assert self.silent_for(601, "elsewhere:1") == []

    def test_a_frozen_one_of_this_machine_is_one(self):
        key = f"{socket.gethostname()}:{os.getpid()}"
        assert self.silent_for(61, key) == [key]

    def test_one_of_this_machine_that_was_killed_is_none(self):
        with subprocess.Popen(["true"]) as ended:
            ended.wait(PATIENCE)
        assert self.silent_for(61, f"{socket.gethostname()}:{ended.pid}") == []

    def test_it_is_on_the_first_page_and_in_the_status(self, admin_client):
        now = timezone.now()
        for key, seen in (("elsewhere:1", now - timedelta(minutes=2)), ("elsewhere:2", now)):
            Heartbeat.objects.create(key=key, kind="worker", started_at=seen, seen_at=seen)
        assert "The worker elsewhere:1 has not answered since" in admin_client.get("/admin/").content.decode()
        status = admin_client.get("/api/v1/status").json()
        assert [worker["key"] for worker in status["stalled_workers"]] == ["elsewhere:1"]
        assert "worker_stalled" in [problem["code"] for problem in status["problems"]]
