"""Pytest plugin: real Celery workers, on this test's database and Redis."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import redis

from config.local import process
from tests.servers import Servers, redis_database

PATIENCE = 60


class WorkerProcess:
    """A `celery worker` in a session of its own; what it writes is collected as lines."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", *arguments]
        self.process = process.start(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines: list[str] = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.decode(errors="replace").rstrip())
                self.news.notify_all()
        with self.news:
            self.lines.append("(output closed)")
            self.news.notify_all()

    def wait_for_line(self, text: str) -> None:
        """Return when a line that holds this text has been written since the start."""

        def arrived() -> bool:
            return any(text in line for line in self.lines) or "(output closed)" in self.lines

        with self.news:
            self.news.wait_for(arrived, PATIENCE)
            if not any(text in line for line in self.lines):
                raise AssertionError(f"the worker never wrote {text!r}, but:\n" + "\n".join(self.lines))

    def send(self, signum: int) -> None:
        self.process.send_signal(signum)

    def kill(self) -> None:
        """`kill -9` of the worker and of its children."""
        process.kill_session(self.process)

    def stop(self) -> int:
        """A warm shutdown; the exit code."""
        return process.end(self.process, signal.SIGTERM, grace=30)


@pytest.fixture
def celery_worker_process(transactional_db: None, servers: Servers) -> Iterator[Callable[..., WorkerProcess]]:
    """Start real workers: `celery_worker_process()`, `celery_worker_process(pool="prefork", concurrency=2)`.

    Returns when the worker listens. What the test has left of its workers is killed at its end.
    """
    with redis_client(servers) as client:
        client.flushdb()
    started: list[WorkerProcess] = []

    def start(pool: str = "solo", concurrency: int = 1, **environment: str) -> WorkerProcess:
        arguments = ["--pool", pool, "--concurrency", str(concurrency), "--without-gossip", "--without-mingle"]
        arguments += ["--loglevel", "INFO", "--hostname", f"{len(started)}@test{redis_database()}"]
        worker = WorkerProcess(arguments, worker_environment(environment))
        started.append(worker)
        worker.wait_for_line(" ready.")
        return worker

    yield start
    for worker in started:
        worker.kill()


def worker_environment(extra: dict[str, str]) -> dict[str, str]:
    from django.db import connection

    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    database = f"{base}/{connection.settings_dict['NAME']}"
    return {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1", **extra}


def redis_client(servers: Servers) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(servers.redis.socket_path), db=redis_database())
