"""Celery workers as `make run` starts them, and how much memory they come to."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local import app, process
from config.local.home import Home


class Workers:
    """One worker process with its two children."""

    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        self.process = started
        self.peak_kb = 0

    def look(self) -> None:
        """Note the peak of resident memory of each child so far; the kernel keeps it for as long as the child lives."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text().split() if children.exists() else ():
            self.peak_kb = max(self.peak_kb, peak_kb(child))

    @property
    def peak_mb(self) -> float | None:
        return round(self.peak_kb / 1024, 1) or None


def peak_kb(pid: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


@contextmanager
def workers(home: Home) -> Iterator[Workers]:
    """Start workers for as long as this goes on."""
    plan = app.worker(home)
    log = home.root / "worker.log"
    environment = {**os.environ, **plan.environment, "LOG_LEVEL": "INFO", "DATABASE_STATEMENT_TIMEOUT": "60"}
    with log.open("wb") as output:
        started = process.start(plan.command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        if not process.wait_until(lambda: b" ready." in log.read_bytes(), 60):
            raise RuntimeError(f"no worker: {log.read_text()[-2000:]}")
        yield Workers(started)
    finally:
        process.end(started, signal.SIGTERM, plan.grace)
