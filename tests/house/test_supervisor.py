"""The supervisor, over small stand-ins for the servers."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from config.local import locks
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
