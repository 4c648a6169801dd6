"""Programs under test as processes: what they write, and whether they are all gone."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from config.local import locks, process

PATIENCE = 60


class Program:
    """A Python module that runs as a process of its own; its output is read line by line."""

    def __init__(self, module: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.process = process.start(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )

    def read_until(self, pattern: str) -> re.Match[str]:
        """Read on to the next line that matches; its end is a failure."""
        assert self.process.stdout is not None
        for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it ended before {pattern!r} came:\n" + "\n".join(self.lines))

    def read_to_the_end(self) -> int:
        """Read what is left to read; the exit code."""
        assert self.process.stdout is not None
        self.lines += [raw.decode(errors="replace").rstrip() for raw in self.process.stdout]
        return self.process.wait(PATIENCE)

    def send(self, signum: signal.Signals) -> None:
        self.process.send_signal(signum)

    def clear_away(self) -> None:
        """Told and not killed, so that it can end even children that would outlive it."""
        process.end(self.process, signal.SIGTERM, grace=PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()


def are_gone(folder: Path, *names: str) -> bool:
    """Has every process ended that holds one of these locks, or becomes so soon?"""
    return process.wait_until(lambda: all(locks.is_free(folder / name) for name in names), PATIENCE)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
