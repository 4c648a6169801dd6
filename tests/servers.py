"""Pytest plugin: a PostgreSQL and a Redis for this test run alone, up before Django reads its settings.

Named with `-p` in the options, because a conftest comes too late for settings that read the environment.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.local import locks, process
from config.local.postgres_server import PostgresServer
from config.local.redis_server import RedisServer

REDIS_DATABASES = 16
PREFIX = "peerwell-test-"
# What a developer has set for `make run` is not meant for the tests.
NOT_FOR_TESTS = (
    *("API_ACCESS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DATABASE_STATEMENT_TIMEOUT", "DEBUG", "LOG_LEVEL"),
    *("SECRET_KEY", "STATIC_ROOT", "EMAIL_HOST", "EMAIL_PORT", "DEFAULT_FROM_EMAIL", "PORT"),
    *("OPERATORS", "PING_URL", "PUBLIC_URL", "WORKER_DEAF_AFTER"),
)


@dataclass(frozen=True)
class Servers:
    """Addresses of the servers of this test run."""

    folder: Path

    @property
    def postgres(self) -> PostgresServer:
        return PostgresServer(self.folder / "postgres", self.folder / "sockets", careless=True)

    @property
    def redis(self) -> RedisServer:
        return RedisServer(self.folder / "redis", self.folder / "sockets" / "redis.sock")

    @property
    def redis_url(self) -> str:
        return self.redis.url(redis_database())


def redis_database() -> int:
    """Each of pytest's parallel workers has a Redis database of its own, as it has one in PostgreSQL."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % REDIS_DATABASES


def is_controller() -> bool:
    return "PYTEST_XDIST_WORKER" not in os.environ


class Running:
    """The servers, as the one process that has started them knows them."""

    def __init__(self) -> None:
        clear_away_what_killed_runs_left()
        # Not in TMPDIR, whose path may be too long for a socket.
        self.servers = Servers(Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp")))
        self.lock = locks.acquire(self.servers.folder / "lock")
        self.processes: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []

    def start(self) -> None:
        for name in ("sockets", "redis"):
            (self.servers.folder / name).mkdir(mode=0o700)
        postgres, redis = self.servers.postgres, self.servers.redis
        postgres.initialise()
        self.launch(postgres, signal.SIGINT, become=postgres.become())
        self.launch(redis, signal.SIGTERM)
        for server in (postgres, redis):
            if not process.wait_until(server.is_ready, 60):
                raise RuntimeError(f"{server.command[0]} is not ready: {self.log.read_text()[-2000:]}")

    @property
    def log(self) -> Path:
        return self.servers.folder / "servers.log"

    def launch(self, server: PostgresServer | RedisServer, stop: signal.Signals, **options: object) -> None:
        with self.log.open("ab") as log:
            started = process.start(server.command, stdout=log, stderr=log, death_signal=signal.SIGKILL, **options)
        self.processes.append((started, stop))

    def stop(self) -> None:
        for started, stop in reversed(self.processes):
            process.end(started, stop, grace=10)
        shutil.rmtree(self.servers.folder, ignore_errors=True)


def clear_away_what_killed_runs_left() -> None:
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        # Held as long as its run is alive. Who has no lock yet is only just starting.
        lock = folder / "lock"
        if os.access(lock, os.W_OK) and locks.is_free(lock):
            shutil.rmtree(folder, ignore_errors=True)


running: Running | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    global running
    if is_controller():
        running = Running()
        running.start()
        set_environment(running.servers)
    else:
        # Started by pytest-xdist, which leaves them behind when pytest itself is killed.
        process.die_with_parent()
    os.environ["REDIS_URL"] = servers_of_this_run().redis_url
    return (yield)


def set_environment(servers: Servers) -> None:
    for name in NOT_FOR_TESTS:
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_ENV="test",
        DJANGO_SETTINGS_MODULE="config.settings",
        DATABASE_URL=servers.postgres.url,
        PEERWELL_HOME=str(servers.folder),
    )


def servers_of_this_run() -> Servers:
    return Servers(Path(os.environ["PEERWELL_HOME"]))


def pytest_unconfigure() -> None:
    if running is not None:
        running.stop()


@pytest.fixture(scope="session")
def servers() -> Servers:
    """The addresses of this run's PostgreSQL and Redis."""
    return servers_of_this_run()
