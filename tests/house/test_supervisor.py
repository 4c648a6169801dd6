"""The supervisor, over small stand-ins for the servers."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import locks
from config.local.home import Home
from config.local.postgres_server import PostgresServer
from config.local.redis_server import RedisServer
from tests.eventually import eventually
from tests.house.processes import Program, are_gone

TOLD = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def supervise(tmp_path) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def start(*children: str) -> Program:
        program = Program("tests.house.standin", str(tmp_path), *children)
        started.append(program)
        return program

    yield start
    for program in started:
        program.clear_away()


@pytest.mark.parametrize("signum", TOLD)
def test_leaves_nobody_behind_when_told_to_stop(supervise, tmp_path, signum):
    program = supervise("obliging", "stubborn")
    program.read_until("all ready")
    program.send(signum)
    assert program.read_to_the_end() == 0
    assert locks.is_free(tmp_path / "obliging")
    assert locks.is_free(tmp_path / "stubborn")


def test_hears_a_hangup_also_where_the_tests_themselves_run_under_nohup(supervise):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        program = supervise("obliging")
    finally:
        signal.signal(signal.SIGHUP, before)
    program.read_until("all ready")
    program.send(signal.SIGHUP)
    assert program.read_to_the_end() == 0


def test_a_program_that_says_nothing_fails_its_test_and_does_not_hang_it(supervise):
    program = supervise("obliging")
    program.read_until("all ready")
    with pytest.raises(AssertionError, match="has not come in time"):
        program.read_until("never said", patience=0.1)


def test_leaves_nobody_behind_when_killed_outright(supervise, tmp_path):
    program = supervise("obliging", "parent")
    program.read_until("all ready")
    program.send(signal.SIGKILL)
    assert are_gone(tmp_path, "obliging", "parent")


def test_can_be_started_again_right_after_a_kill(supervise):
    first = supervise("obliging", "parent")
    first.read_until("all ready")
    first.send(signal.SIGKILL)
    supervise("obliging", "parent").read_until("all ready")


def test_starts_again_who_has_died(supervise):
    program = supervise("obliging")
    pid = int(program.read_until(r"here I am (\d+)").group(1))
    program.read_until("all ready")
    os.kill(pid, signal.SIGKILL)
    program.read_until(r"obliging \| ended with exit code -9")
    assert int(program.read_until(r"here I am (\d+)").group(1)) != pid


def test_ends_what_the_dead_have_left_before_starting_them_again(supervise):
    program = supervise("stubborn")
    pid = int(program.read_until(r"here I am (\d+)").group(1))
    program.read_until("all ready")
    os.kill(pid, signal.SIGKILL)
    # The child that it left holds the lock too: only without it is there a second life.
    program.read_until("here I am")


def test_gives_up_on_who_never_becomes_ready(supervise, tmp_path):
    program = supervise("obliging", "failing")
    assert program.read_to_the_end() == 1
    assert program.lines[-1] == "failing has ended 5 times before it was ready: see above"
    assert locks.is_free(tmp_path / "obliging")


def test_starts_a_tier_when_the_one_before_is_ready(supervise):
    program = supervise("obliging", "step", "parent")
    program.read_until("all ready")
    names = [line.split()[0] for line in program.lines if "|" in line]
    assert names[:2] == ["obliging", "step"]


def test_says_whose_words_they_are(supervise):
    program = supervise("obliging", "step")
    program.read_until("all ready")
    assert "step     | done" in program.lines


def test_restarts_who_lives_but_no_longer_answers(supervise, tmp_path):
    (tmp_path / "answering-answers").touch()
    program = supervise("answering")
    pid = int(program.read_until(r"here I am (\d+)").group(1))
    program.read_until("all ready")
    (tmp_path / "answering-answers").unlink()
    program.read_until(r"answering \| has not answered for \d+ seconds and is restarted")
    (tmp_path / "answering-answers").touch()
    assert int(program.read_until(r"here I am (\d+)").group(1)) != pid


def test_kills_who_is_frozen_and_so_does_not_end_when_asked(supervise):
    program = supervise("frozen")
    pid = int(program.read_until(r"here I am (\d+)").group(1))
    program.read_until("has not answered")
    program.read_until(r"frozen \| ended with exit code -9")
    assert int(program.read_until(r"here I am (\d+)").group(1)) != pid


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not the test's own folder, whose path may be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="peerwell-", dir="/tmp") as name:
        yield Path(name)


def started(folder: Path, name: str) -> Program:
    return Program("tests.house.standin", str(folder), name)


def can_connect(server: PostgresServer) -> bool:
    try:
        psycopg.connect(server.url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGSTOP], ids=["in smart shutdown", "frozen"])
def test_brings_postgresql_back_that_takes_no_connections(folder, signum):
    program = started(folder, "postgres")
    try:
        program.read_until("all ready")
        home = Home(folder)
        server = PostgresServer(home.postgres_data, home.sockets)
        # As a worker holds one: a server in smart shutdown waits for it for ever.
        with psycopg.connect(server.url):
            os.kill(int((home.postgres_data / "postmaster.pid").read_text().split()[0]), signum)
            program.read_until(r"postgres \| has not answered")
            eventually(lambda: can_connect(server), "PostgreSQL takes connections again")
    finally:
        program.clear_away()


def test_brings_redis_back_that_is_frozen(folder):
    program = started(folder, "redis")
    try:
        program.read_until("all ready")
        home = Home(folder)
        server = RedisServer(home.redis_data, home.redis_socket)
        with redis.Redis(unix_socket_path=str(home.redis_socket)) as client:
            os.kill(client.info("server")["process_id"], signal.SIGSTOP)
        program.read_until(r"redis \| has not answered")
        eventually(server.is_ready, "Redis answers again")
    finally:
        program.clear_away()
