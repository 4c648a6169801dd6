"""Each process writes down what it got done, so that its recovery is told apart from that of the others."""

import os
import time
from pathlib import Path

from celery import signals

_file = -1


def install(folder: Path) -> None:
    global _file
    path = folder / "traces" / os.environ["CHAOS_NAME"]
    _file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    signals.task_postrun.connect(task_done)
    signals.after_task_publish.connect(rang)


def task_done(task, state, **_kwargs) -> None:
    write(f"did {task.name} {state}")


def rang(sender, **_kwargs) -> None:
    write(f"rang {sender} SENT")


def write(what: str) -> None:
    os.write(_file, f"{time.time()} {what}\n".encode())


def read(folder: Path, name: str) -> list[tuple[float, str, str, str]]:
    """Return when, whether it did or rang, for which task, and how it ended."""
    path = folder / "traces" / name
    lines = path.read_text().splitlines() if path.exists() else []
    parts = [line.split() for line in lines]
    return [(float(at), verb, task, state) for at, verb, task, state in parts]
