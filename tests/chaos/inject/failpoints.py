"""Points between every two steps that matter, at which a process kills itself when the harness says so.

The product has no such points: each is a name of its that is wrapped, at the place from which it is called. A point is
armed by a file; the process that succeeds in taking the file away is the one that dies, so one arming is one death.
"""

import functools
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

BEFORE, AFTER = "before", "after"
WORKER, WEB = "worker", "web"
# How it dies: the process itself, with the one that started it, or by being asked to stop.
KILL, KILL_PARENT, TERM_PARENT = "kill", "kill-parent", "term-parent"


@dataclass(frozen=True)
class Failpoint:
    """`path` is where the name is looked up when it is called; `often` how many times a cycle passes by, at least."""

    name: str
    when: str
    path: str
    role: str = WORKER
    often: int = 1


PLANNING = (
    Failpoint("run_inserted", BEFORE, "scheduler.splitting.cut"),
    Failpoint("run_cut", AFTER, "scheduler.splitting.cut"),
    Failpoint("run_committed", BEFORE, "scheduler.signals.batches_waiting.send"),
    Failpoint("run_planned", AFTER, "scheduler.operations.plan_due"),
    Failpoint("reconciling", BEFORE, "scheduler.operations.planning._close_finished"),
    Failpoint("start_counted", AFTER, "scheduler.operations.batches._start", often=3),
    Failpoint("mentors_locked", AFTER, "scenarios.operations.deciding._lock", often=3),
    Failpoint("decisions_inserted", AFTER, "scenarios.operations.deciding._inserted", often=3),
    Failpoint("batch_decided", AFTER, "scenarios.operations.decide", often=3),
    Failpoint("batch_finished", BEFORE, "scheduler.operations.batches.count_finished", often=3),
    Failpoint("batch_counted", AFTER, "scheduler.operations.batches.count_finished", often=3),
    Failpoint("batch_committed", AFTER, "scheduler.operations.batches._evaluate", often=3),
    Failpoint("run_closing", BEFORE, "scheduler.operations.batches.close"),
    Failpoint("run_cleared", AFTER, "scenarios.operations.clear_run"),
)
TELLING = (
    Failpoint("written", AFTER, "notifications.outbox.preparing._sort"),
    Failpoint("prepared", AFTER, "notifications.outbox.prepare_or_withdraw"),
    Failpoint("taken", AFTER, "notifications.outbox.take", often=2),
    Failpoint("looked_again", AFTER, "notifications.outbox.look_again", often=2),
    Failpoint("sending_begun", AFTER, "notifications.outbox.recording.start", often=20),
    Failpoint("handed_over", AFTER, "notifications.outbox.sending._hand_over", often=20),
    Failpoint("settling", BEFORE, "scenarios.operations.settle", often=20),
    Failpoint("settled", AFTER, "scenarios.operations.settle", often=20),
    Failpoint("recorded", AFTER, "notifications.outbox.sending._record", often=20),
    Failpoint("given_back", AFTER, "notifications.outbox.claiming.give_back"),
)
ANSWERING = (
    Failpoint("activity_stored", AFTER, "scenarios.operations.evaluating.log_activity", WEB, often=4),
    Failpoint("activity_judged", BEFORE, "scenarios.operations.evaluating.record", WEB, often=4),
    Failpoint("activity_recorded", AFTER, "scenarios.operations.evaluating.record", WEB, often=4),
    Failpoint("activity_evaluated", AFTER, "scenarios.operations.evaluate_activity", WEB, often=4),
    Failpoint("append_decided", AFTER, "scenarios.operations.decide", WEB),
    Failpoint("append_counted", AFTER, "scheduler.operations.appending.totals_with", WEB),
    Failpoint("append_done", AFTER, "scheduler.operations.append_batch", WEB),
)
FAMILIES = (PLANNING, TELLING, ANSWERING)
FAILPOINTS = {point.name: point for family in FAMILIES for point in family}

_folder = Path()


def install(folder: Path, role: str) -> None:
    global _folder
    _folder = folder
    for point in FAILPOINTS.values():
        if point.role == role:
            place, name = find(point.path)
            setattr(place, name, wrapped(point, getattr(place, name)))


def find(path: str) -> tuple[object, str]:
    """Return the module or object that holds a dotted name, and the name. Raises AttributeError for one that isn't."""
    parent, _, name = path.rpartition(".")
    try:
        place: object = import_module(parent)
    except ModuleNotFoundError:
        above, _, attribute = parent.rpartition(".")
        place = getattr(import_module(above), attribute)
    getattr(place, name)
    return place, name


def wrapped(point: Failpoint, function: Callable) -> Callable:
    @functools.wraps(function)
    def passing_by(*args, **kwargs):
        if point.when == BEFORE:
            strike(point)
        result = function(*args, **kwargs)
        if point.when == AFTER:
            strike(point)
        return result

    return passing_by


def arm(folder: Path, name: str, action: str, nth: int = 1) -> None:
    """Let the process that passes the point as the nth one die."""
    passed_by(folder, name).unlink(missing_ok=True)
    beside = folder / f"{name}.arming"
    beside.write_text(f"{action} {nth}")
    beside.rename(folder / "armed" / name)


def passed_by(folder: Path, name: str) -> Path:
    return folder / "passed" / name


def strike(point: Failpoint) -> None:
    armed = _folder / "armed" / point.name
    try:
        action, nth = armed.read_text().split()
        if count_passing(point) < int(nth):
            return
        armed.unlink()
    except FileNotFoundError:
        return
    note_death(point, action)
    die(action)


def count_passing(point: Failpoint) -> int:
    counter = os.open(passed_by(_folder, point.name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(counter, b".")
        return os.fstat(counter).st_size
    finally:
        os.close(counter)


def note_death(point: Failpoint, action: str) -> None:
    death = {"at": time.time(), "name": os.environ["CHAOS_NAME"], "point": point.name, "action": action}
    with (_folder / "deaths").open("a") as file:
        file.write(json.dumps(death) + "\n")


def die(action: str) -> None:
    if action == TERM_PARENT:
        os.kill(os.getppid(), signal.SIGTERM)
        return
    if action == KILL_PARENT:
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
