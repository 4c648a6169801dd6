"""One process of the house: started, watched, ended in every way, and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.local import process
from config.local.probes import Probe


@dataclass
class Life:
    """From its start to its end, as seconds since the epoch; `ready` is when it could be used."""

    started: float
    ready: float | None = None
    ended: float | None = None
    code: int | None = None


@dataclass
class Process:
    name: str
    command: Sequence[str]
    log: Path
    environment: dict[str, str]
    # A fresh one for each life. It is given what the process has written in this life.
    probe: Callable[[], Probe]
    death_signal: int = signal.SIGKILL
    hands_over: Sequence[int] = ()
    before: Callable[[], None] = lambda: None
    become: Callable[[], Callable[[], None] | None] = lambda: None
    running: subprocess.Popen[bytes] | None = None
    lives: list[Life] = field(default_factory=list)
    is_ready: Probe = lambda: False

    def start(self) -> None:
        self.before()
        with self.log.open("ab") as log:
            self.running = process.start(
                self.command,
                death_signal=self.death_signal,
                become=self.become(),
                env={**os.environ, **self.environment},
                pass_fds=tuple(self.hands_over),
                stdout=log,
                stderr=log,
            )
        self.is_ready = self.probe()
        self.lives.append(Life(time.time()))

    def look(self) -> None:
        """Take note of its being ready, and of its end."""
        if self.running is None:
            return
        life = self.lives[-1]
        if process.has_ended(self.running):
            # What it has started goes with it.
            life.code = process.kill_session(self.running)
            self.running, life.ended = None, time.time()
        elif life.ready is None and self.is_ready():
            life.ready = time.time()

    @property
    def is_up(self) -> bool:
        return self.running is not None and self.lives[-1].ready is not None

    def send(self, signum: int) -> None:
        """Send it a signal, unless it is gone."""
        if self.running is not None:
            self.running.send_signal(signum)

    def stop(self, signum: int = signal.SIGTERM, grace: float = 10) -> None:
        if self.running is not None:
            # A stopped process hears nothing else.
            self.running.send_signal(signal.SIGCONT)
            life = self.lives[-1]
            life.code = process.end(self.running, signum, grace)
            self.running, life.ended = None, time.time()


class Wrote:
    """Ready when it has written this since it was started."""

    def __init__(self, log: Path, text: str) -> None:
        self.log, self.text = log, text.encode()
        self.begins = log.stat().st_size if log.exists() else 0

    def __call__(self) -> bool:
        with self.log.open("rb") as log:
            log.seek(self.begins)
            return self.text in log.read()
