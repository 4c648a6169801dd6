"""Programs under test as processes: what they write, and whether they are all gone."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from config.local import locks, process

PATIENCE = 60
# A program that migrates and fills a database on a busy machine.
START_PATIENCE = 240


class Program:
    """A Python module that runs as a process of its own; its output is read line by line."""

    def __init__(self, module: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.process = process.start(
            [sys.executable, "-m", module, *arguments],
            become=restore_default_signals,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )
        self._unread: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def read_until(self, pattern: str, patience: float = START_PATIENCE) -> re.Match[str]:
        """Read on to the next line that matches; its end, or silence for too long, is a failure."""
        deadline = time.monotonic() + patience
        while (line := self._next_line(deadline, pattern)) is not None:
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it ended before {pattern!r} came:\n" + "\n".join(self.lines))

    def read_to_the_end(self, patience: float = START_PATIENCE) -> int:
        """Read what is left to read; the exit code."""
        deadline = time.monotonic() + patience
        while self._next_line(deadline, "its end") is not None:
            pass
        return self.process.wait(PATIENCE)

    def send(self, signum: signal.Signals) -> None:
        self.process.send_signal(signum)

    def clear_away(self) -> None:
        """Told and not killed, so that it can end even children that would outlive it."""
        process.end(self.process, signal.SIGTERM, grace=PATIENCE)
        self._reader.join(PATIENCE)
        if self.process.stdout is not None and not self._reader.is_alive():
            self.process.stdout.close()

    def _next_line(self, deadline: float, what: str) -> str | None:
        try:
            line = self._unread.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"{what!r} has not come in time, but:\n" + "\n".join(self.lines)) from None
        if line is None:
            self._unread.put(None)
        else:
            self.lines.append(line)
        return line

    def _read(self) -> None:
        assert self.process.stdout is not None
        for raw in self.process.stdout:
            self._unread.put(raw.decode(errors="replace").rstrip())
        self._unread.put(None)


def restore_default_signals() -> None:
    """Give a child the signals that a terminal gives it: under `nohup` we ignore SIGHUP, and it would inherit that."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def are_gone(folder: Path, *names: str) -> bool:
    """Has every process ended that holds one of these locks, or becomes so soon?"""
    return process.wait_until(lambda: all(locks.is_free(folder / name) for name in names), PATIENCE)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
