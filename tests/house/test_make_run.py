"""`make run` for real: PostgreSQL, Redis, web, worker and beat on a home of their own."""

import os
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.local import locks
from config.local.home import Home
from config.local.postgres_server import PostgresServer
from tests.house.processes import Program, are_gone

PROCESSES = ("postgres", "redis", "setup", "web", "worker", "beat")
# Set for the tests; here their absence is what is tested.
SET_FOR_TESTS = ("DATABASE_URL", "REDIS_URL", "DJANGO_ENV", "MAKELEVEL")


@pytest.fixture
def home(monkeypatch) -> Iterator[Home]:
    for name in SET_FOR_TESTS:
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="peerwell-", dir="/tmp") as folder:
        yield Home(Path(folder))


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def make_run(home, port) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def run(**environment: str) -> Program:
        own = {"PEERWELL_HOME": str(home.root), "PORT": str(port)}
        program = Program("config.local.run", environment={**own, **environment})
        started.append(program)
        return program

    yield run
    for program in started:
        program.clear_away()
    assert are_gone(home.locks, *PROCESSES)


def test_goes_on_where_a_kill_has_stopped_it(make_run, home, port):
    first = make_run()
    login = first.read_until("Admin .*").group()
    with connection(home) as database:
        database.execute("CREATE TABLE kept AS SELECT 1 AS fact")
    first.send(signal.SIGKILL)

    second = make_run()
    assert second.read_until("Admin .*").group() == login
    with connection(home) as database:
        assert database.execute("SELECT fact FROM kept").fetchall() == [(1,)]
    assert healthz(port) == 200

    kill_worker(home)
    second.read_until(r"worker +\| ended with exit code -9")
    second.read_until(r"worker +\|.* ready\.")

    second.send(signal.SIGINT)
    assert second.read_to_the_end() == 0
    assert all(locks.is_free(home.locks / name) for name in PROCESSES)


def test_says_that_the_port_is_taken_before_it_starts_anything(make_run, home, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        program = make_run()
        assert program.read_to_the_end() == 1
    assert program.lines == [
        f"peerwell: Port {port} is taken by another program. Choose another: make run PORT={port + 1}"
    ]
    assert not home.postgres_data.exists()


def test_says_that_its_home_is_in_use(make_run, home):
    home.make()
    held = locks.acquire(home.lock)
    program = make_run()
    assert program.read_to_the_end() == 1
    os.close(held)
    assert program.lines == [
        f"peerwell: {home.root} is in use by another `make run` (or day, manage). PEERWELL_HOME names another"
    ]


@pytest.mark.parametrize("asked_for", ["http", "0", "65536", "80.5", "-1", "８０００"])
def test_says_that_the_port_is_none(make_run, asked_for):
    program = make_run(PORT=asked_for)
    assert program.read_to_the_end() == 1
    assert program.lines == [f"peerwell: PORT must be a number from 1 to 65535, not {asked_for!r}"]


def test_nobody_else_can_look_into_its_home(home):
    home.make()
    assert {folder.stat().st_mode & 0o077 for folder in (home.root, home.sockets)} == {0}


def connection(home: Home) -> psycopg.Connection:
    return psycopg.connect(PostgresServer(home.postgres_data, home.sockets).url)


def healthz(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as response:
        return response.status


def kill_worker(home: Home) -> None:
    """The one whose home this is: told by the lock, which only it and its children hold."""
    lock = str(home.locks / "worker")
    holders = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if holds(pid, lock)]
    # The parent was there first.
    os.kill(min(holders), signal.SIGKILL)


def holds(pid: int, path: str) -> bool:
    try:
        return any(os.readlink(entry) == path for entry in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
