"""The whole house as processes, on servers of its own, each started again as soon as it has ended."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local import app, locks
from config.local.home import CHECKOUT, Home
from config.local.postgres_server import PostgresServer
from config.local.probes import AnswersHttp
from config.local.process import die_with_parent
from config.local.redis_server import RedisServer
from tests.chaos.inject.clock import Clock
from tests.chaos.process import Process, Wrote
from tests.chaos.sinks import SINKS

PREFIX = "peerwell-chaos-"
PATIENCE = 60
TICK = 0.02
POSTGRES, REDIS, WEB, BEAT, SECOND_BEAT = "postgres", "redis", "web", "beat", "beat2"
WORKERS = ("worker1", "worker2")
OURS = (WEB, BEAT, *WORKERS)
# What a developer has set for `make run` is not meant for this house.
NOT_FOR_US = ("DATABASE_URL", "REDIS_URL", "API_ACCESS", "ALLOWED_HOSTS", "DEBUG", "SECRET_KEY", "EMAIL_HOST_USER")


class NotReady(Exception):
    """Says what did not come up."""


class House:
    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, Home(folder)
        self.home.make()
        for name in ("logs", "traces", "armed", "passed", "tmp"):
            (folder / name).mkdir(mode=0o700)
        self.clock = Clock(folder)
        self.sinks = {name: kind() for name, kind in SINKS.items()}
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.processes: dict[str, Process] = {}
        # Who is started again, and not before which moment.
        self.wanted: dict[str, float] = {}

    @property
    def port(self) -> int:
        return self.listener.getsockname()[1]

    def set_environment(self, mutant: str) -> None:
        for name in NOT_FOR_US:
            os.environ.pop(name, None)
        os.environ.update(
            DJANGO_ENV="local",
            DJANGO_SETTINGS_MODULE="tests.chaos.settings",
            PEERWELL_HOME=str(self.folder),
            CHAOS_FOLDER=str(self.folder),
            MUTATE=mutant,
            SECRET_KEY="x" * 50,
            PYTHONUNBUFFERED="1",
            LOG_LEVEL="ERROR",
            TMPDIR=str(self.folder / "tmp"),
        )
        for sink in self.sinks.values():
            os.environ.update(sink.environment())
        os.chdir(CHECKOUT)

    def add_servers(self) -> None:
        postgres = PostgresServer(self.home.postgres_data, self.home.sockets)
        postgres.initialise()
        redis = RedisServer(self.home.redis_data, self.home.redis_socket)
        self.processes[POSTGRES] = Process(
            POSTGRES,
            # Not one transaction may be lost with the server: fsync stays on.
            postgres.command,
            self.log(POSTGRES),
            {},
            lambda: postgres.is_ready,
            before=postgres.forget_predecessor,
            become=postgres.become,
        )
        self.processes[REDIS] = Process(REDIS, redis.command, self.log(REDIS), {}, lambda: redis.is_ready)

    def add_ours(self) -> None:
        plans = {WEB: app.web(self.home, self.listener), BEAT: app.beat(self.home), SECOND_BEAT: app.beat(self.home)}
        plans |= {name: app.worker(self.home) for name in WORKERS}
        for name, plan in plans.items():
            role = name.rstrip("12")
            command = [*plan.command, "--hostname", f"{name}@chaos"] if role == "worker" else plan.command
            says = {"worker": " ready.", "beat": "beat: Starting"}.get(role)
            self.processes[name] = Process(
                name,
                command,
                self.log(name),
                {**plan.environment, "LOG_LEVEL": "INFO", "CHAOS_ROLE": role, "CHAOS_NAME": name},
                (lambda name=name, says=says: Wrote(self.log(name), says)) if says else self.answers,
                hands_over=plan.hands_over,
            )

    def answers(self) -> AnswersHttp:
        return AnswersHttp(self.listener.getsockname())

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def start(self, *names: str) -> None:
        """Start these and keep them running from now on; return when they are ready."""
        for name in names:
            self.wanted[name] = 0.0
        if not self.wait(lambda: all(self.is_up(name) for name in names), PATIENCE):
            raise NotReady(", ".join(name for name in names if not self.is_up(name)))

    def is_up(self, name: str) -> bool:
        return self.processes[name].is_up

    def everybody_is_up(self) -> bool:
        return all(self.is_up(name) for name in self.wanted)

    def dismiss(self, name: str) -> None:
        """Stop one for good."""
        del self.wanted[name]
        self.processes[name].stop()

    def keep_down(self, name: str, seconds: float) -> None:
        """When it has ended, wait so long before it is started again."""
        self.wanted[name] = time.monotonic() + seconds

    def pid(self, name: str) -> int:
        running = self.processes[name].running
        return running.pid if running else 0

    def send(self, name: str, signum: int) -> None:
        self.processes[name].send(signum)

    def watch(self) -> None:
        """Look after everybody once. From one thread only: the kernel's "die with your parent" counts from it."""
        for name, process in self.processes.items():
            process.look()
            if process.running is None and time.monotonic() >= self.wanted.get(name, float("inf")):
                process.start()

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Look after everybody until it has come true; False if it hasn't within that time."""
        deadline = time.monotonic() + seconds
        while True:
            self.watch()
            if condition():
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(TICK)

    def pause(self, seconds: float) -> None:
        self.wait(lambda: False, seconds)

    def stop(self) -> None:
        """End everybody, the servers last."""
        self.wanted.clear()
        for name in (BEAT, SECOND_BEAT, WEB, *WORKERS):
            if name in self.processes:
                self.processes[name].stop(signal.SIGKILL)
        for name, signum in ((REDIS, signal.SIGKILL), (POSTGRES, signal.SIGQUIT)):
            if name in self.processes:
                self.processes[name].stop(signum)
        for sink in self.sinks.values():
            sink.stop()
        self.listener.close()


@contextmanager
def opened() -> Iterator[House]:
    """Make a house in a folder of its own, and leave nothing of it behind but what was moved away."""
    if "MAKELEVEL" in os.environ:
        # make tells nobody when it is killed.
        die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(143))
    clear_away_what_killed_runs_left()
    # Not in TMPDIR, whose path may be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    lock = locks.acquire(folder / "lock")
    house = House(folder)
    try:
        yield house
    finally:
        house.stop()
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def clear_away_what_killed_runs_left() -> None:
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        lock = folder / "lock"
        if os.access(lock, os.W_OK) and locks.is_free(lock):
            shutil.rmtree(folder, ignore_errors=True)
