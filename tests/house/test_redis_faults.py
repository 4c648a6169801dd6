"""A real worker whose Redis goes away. The Redis is one of this test's own: the others need theirs."""

import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from config.celery import RINGING
from config.local import process
from config.local.redis_server import RedisServer


class OwnRedis:
    """A Redis to be frozen and killed."""

    def __init__(self, folder: Path) -> None:
        self.server = RedisServer(folder, folder / "redis.sock")
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.running = process.start(self.server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert process.wait_until(self.server.is_ready, 30)

    def kill(self) -> None:
        if self.running is not None:
            process.kill_session(self.running)

    def send(self, signum: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(signum)


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="peerwell-", dir="/tmp") as folder:
        redis = OwnRedis(Path(folder))
        redis.start()
        yield redis
        redis.kill()


@pytest.fixture
def ring(own_redis) -> Callable[[str], None]:
    """Put a message there, by an app that must not become the current one: the tasks of all later tests would use it.

    Nobody knows a task of that name, and the worker says so, which is all that is wanted.
    """

    def send(name: str) -> None:
        with Celery(broker=own_redis.server.url(), set_as_current=False) as app:
            app.conf.update(broker_transport_options=RINGING, task_publish_retry_policy={"max_retries": 0})
            app.send_task(name, ignore_result=True)

    return send


def test_a_worker_hears_again_after_redis_was_killed(celery_worker_process, own_redis, ring):
    worker = celery_worker_process(pool="prefork", concurrency=2, REDIS_URL=own_redis.server.url())
    ring("before")
    worker.wait_for_line("before")
    own_redis.kill()
    worker.wait_for_line("Trying again in")
    own_redis.start()
    ring("afterwards")
    worker.wait_for_line("afterwards")


def test_a_worker_hears_again_after_redis_was_frozen(celery_worker_process, own_redis, ring):
    worker = celery_worker_process(pool="prefork", concurrency=2, REDIS_URL=own_redis.server.url())
    own_redis.send(signal.SIGSTOP)
    with pytest.raises(OperationalError):
        ring("while frozen")
    own_redis.send(signal.SIGCONT)
    ring("afterwards")
    worker.wait_for_line("afterwards")
