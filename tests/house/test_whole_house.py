# ruff: noqa: F811 (fixtures are asked for by the name under which they were imported)
"""The whole house with its demo: a contract's run over real HTTP, killed at the worst moment, and done all the same."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config.local.home import Home
from tests.eventually import eventually
from tests.house.test_make_run import connection, holds, home, make_run, port  # noqa: F401 (fixtures)

RUNS = "/api/v1/scheduler-invocations"


class House:
    def __init__(self, home: Home, port: int):
        self.home, self.port = home, port

    def ask(self, path: str, body: dict | None = None) -> dict:
        """Send JSON. The time allowed only keeps a web that hangs from hanging the test."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def start_run(self) -> str:
        return self.ask(RUNS, {"reason": "manual_trigger", "triggered_by": "admin_usr_001"})["id"]

    def finished(self, run_id: str) -> dict | None:
        run = self.ask(f"{RUNS}/{run_id}")
        return run if run["status"] != "running" else None

    def rows(self, statement: str) -> list[tuple]:
        with connection(self.home) as database:
            return database.execute(statement).fetchall()

    def count(self, what: str) -> int:
        return self.rows(f"SELECT count(*) FROM {what}")[0][0]  # noqa: S608 (this file's own words)

    @contextmanager
    def holding(self, user_id: str) -> Iterator[None]:
        """Lock one mentor: the batch in which they are stops in its middle until we let go."""
        database = connection(self.home)
        database.execute("SELECT 1 FROM scenarios_peermentor WHERE user_id = %s FOR UPDATE", [user_id])
        try:
            yield
        finally:
            try:
                database.close()
            except psycopg.Error:
                """The server has gone with the rest of the house."""

    def somebody_waits_for_a_lock(self) -> bool:
        return self.count("pg_stat_activity WHERE wait_event_type = 'Lock'") > 0

    def redis(self) -> int:
        """The process that holds the lock of this house's Redis."""
        lock = str(self.home.locks / "redis")
        return min(pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if holds(pid, lock))

    def everything_is_told_once(self, run_id: str) -> None:
        eventually(
            lambda: not self.count("scenarios_decision WHERE outcome = 'pending' AND scheduled_for <= now()"),
            "everything that is due is settled",
        )
        told = self.count(f"scenarios_decision WHERE run_id = '{run_id}' AND outcome = 'told'")
        sent = self.count(
            f"notifications_notification n JOIN scenarios_decision d ON d.id = n.decision_id"
            f" WHERE d.run_id = '{run_id}' AND n.status = 'sent'"
        )
        mails = sorted(path.name for path in Path(self.home.mail).glob("*.eml"))
        assert told == sent == len(mails) == 23
        assert not [name for name in mails if name.split(".")[-2].isdigit()], "a second file is a second mail"


@pytest.fixture
def house(home, port) -> House:
    return House(home, port)


def test_everything_killed_in_mid_run_is_taken_up_where_it_was(make_run, house):
    first = make_run()
    first.read_until("Peerwell is ready")
    with house.holding("usr_mentor_7821"):
        run_id = house.start_run()
        eventually(house.somebody_waits_for_a_lock, "a batch waits in its middle")
        first.send(signal.SIGKILL)
        first.read_to_the_end()

    make_run().read_until("Peerwell is ready")
    run = eventually(lambda: house.finished(run_id), "the run closes after the kill")
    assert (run["status"], run["users_evaluated"], run["notifications_dispatched"]) == ("success", 148, 23)
    assert [batch["user_count"] for batch in run["batch_results"]] == [50, 50, 48]
    house.everything_is_told_once(run_id)

    second_id = house.start_run()
    second = eventually(lambda: house.finished(second_id), "a second run closes")
    assert (second["users_evaluated"], second["notifications_dispatched"]) == (148, 0)
    house.everything_is_told_once(run_id)


def test_a_run_is_accepted_while_redis_is_frozen_or_gone_and_happens_afterwards(make_run, house):
    program = make_run()
    program.read_until("Peerwell is ready")
    os.kill(house.redis(), signal.SIGSTOP)
    frozen = house.start_run()
    os.kill(house.redis(), signal.SIGCONT)
    run = eventually(lambda: house.finished(frozen), "the run that was started while Redis was frozen")
    assert (run["users_evaluated"], run["notifications_dispatched"]) == (148, 23)

    os.kill(house.redis(), signal.SIGKILL)
    gone = house.start_run()
    run = eventually(lambda: house.finished(gone), "the run that was started while Redis was gone")
    assert (run["users_evaluated"], run["notifications_dispatched"]) == (148, 0)
    house.everything_is_told_once(frozen)
