"""One supervised process: how it is started, when it counts as ready, how it is ended, when it is tried again."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.local import locks, process
from config.local.liveness import ENDING, PATIENCE, Liveness
from config.local.probes import Probe, SaysReady

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 10.0
# Who has lived this long has recovered: its next failure is a first one.
GOOD_LIFE = 30.0
LONGEST_LINE = 64 * 1024


@dataclass(frozen=True)
class Plan:
    """What a child is. Of its life nothing is in here."""

    name: str
    command: Sequence[str]
    lock: Path
    # A fresh probe for each life: what it has seen of the last one says nothing about the next.
    probe: Callable[[], Probe]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    grace: float = 10.0
    # Asked after `before`: what the child must do to itself before it becomes the command.
    become: Callable[[], Callable[[], None] | None] = lambda: None
    # Called while the lock is held, so when no predecessor is alive.
    before: Callable[[], None] = lambda: None
    hands_over: Sequence[int] = ()
    # Its output is shown only when it has died: servers have much to say and seldom news.
    quiet: bool = False
    # Ends by itself, and is ready when it has ended well.
    once: bool = False
    # Asked again and again once it is ready; without an answer for `patience` seconds it is restarted.
    still_answers: Probe | None = None
    patience: float = PATIENCE


class Child:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.process: subprocess.Popen[bytes] | None = None
        self.probe: Probe = plan.probe()
        self.ready = False
        self.liveness: Liveness | None = None
        self.must_end_by: float | None = None
        self.exit_code: int | None = None
        self.failures = 0
        self.started_at = 0.0
        self.next_start_at = 0.0
        self.unfinished_line = b""
        self.last_words: deque[bytes] = deque(maxlen=20)

    @property
    def running(self) -> bool:
        return self.process is not None

    @property
    def output(self) -> int:
        assert self.process and self.process.stdout
        return self.process.stdout.fileno()

    def start(self) -> bool:
        """Start it; False while something of its last life holds its lock."""
        lock = locks.acquire(self.plan.lock)
        if lock is None:
            self.next_start_at = time.monotonic() + FIRST_PAUSE
            return False
        try:
            self.plan.before()
            self.process = process.start(
                self.plan.command,
                death_signal=self.plan.death_signal,
                become=self.plan.become(),
                env={**os.environ, **self.plan.environment},
                pass_fds=(lock, *self.plan.hands_over),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        finally:
            os.close(lock)
        os.set_blocking(self.output, False)
        self.probe, self.ready, self.started_at = self.plan.probe(), False, time.monotonic()
        return True

    def read(self) -> list[bytes] | None:
        """The lines that it has written since it was last read; None when it will write no more."""
        try:
            chunk = os.read(self.output, LONGEST_LINE)
        except BlockingIOError:
            return []
        if not chunk and not self.unfinished_line:
            return None
        *lines, self.unfinished_line = (self.unfinished_line + chunk).split(b"\n")
        if self.unfinished_line and (not chunk or len(self.unfinished_line) > LONGEST_LINE):
            lines.append(self.unfinished_line)
            self.unfinished_line = b""
        if isinstance(self.probe, SaysReady):
            for line in lines:
                self.probe.read(line)
        return lines

    def check_ready(self) -> bool:
        if self.running and not self.ready and not self.plan.once:
            self.ready = self.probe()
            if self.ready and self.plan.still_answers:
                self.liveness = Liveness(self.plan.still_answers, self.plan.patience)
        return self.ready

    def end_if_lost(self) -> bool:
        """Ask it to end when it has stopped answering, and kill it when it doesn't; True when it is first asked."""
        if not self.running or self.liveness is None:
            return False
        if self.must_end_by is not None:
            if time.monotonic() > self.must_end_by:
                self.must_end_by = float("inf")
                self.send(signal.SIGKILL)
            return False
        if not self.liveness.is_lost():
            return False
        self.must_end_by = time.monotonic() + ENDING
        self.ask_to_stop()
        return True

    def is_due(self) -> bool:
        done = self.plan.once and self.ready
        return not self.running and not done and self.next_start_at <= time.monotonic()

    def has_ended(self) -> bool:
        return self.process is not None and process.has_ended(self.process)

    def bury(self) -> int:
        """Take note of its end, end what it has left behind, and say when it may be started again."""
        assert self.process and self.process.stdout
        self.exit_code = process.kill_session(self.process)
        self.process.stdout.close()
        self.process = self.liveness = self.must_end_by = None
        self.ready = self.plan.once and self.exit_code == 0
        now = time.monotonic()
        self.failures = 1 if now - self.started_at > GOOD_LIFE else self.failures + 1
        self.next_start_at = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self.failures - 1))
        return self.exit_code

    def ask_to_stop(self) -> None:
        self.send(self.plan.stop_signal)

    def send(self, signum: int) -> None:
        if self.process is not None and not self.has_ended():
            self.process.send_signal(signum)
