"""A supervisor of two stand-ins for servers, to be started, killed and looked at by test_supervisor.py.

    python -m tests.house.standin FOLDER CHILD...

Each CHILD is a tier of its own and one of the functions below.
"""

import sys
from pathlib import Path

from config.local.child import Plan
from config.local.probes import SaysReady
from config.local.supervisor import StartError, Stopped, Supervisor

WAIT = "import signal; signal.pause()"
READY = "print('here I am', os.getpid(), flush=True)"
PRELUDE = "import os, signal, subprocess, sys; from config.local.process import die_with_parent"

PROGRAMS = {
    "obliging": f"{PRELUDE}; {READY}; {WAIT}",
    # Will not hear of stopping, and neither will the process that it has started.
    "stubborn": (
        f"{PRELUDE}; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"subprocess.Popen([sys.executable, '-c', {WAIT!r}]); {READY}; {WAIT}"
    ),
    # As the worker and gunicorn do: has children of its own, who look after themselves when it is killed.
    "parent": f"{PRELUDE}; child = os.fork(); die_with_parent() if not child else None; {READY}; {WAIT}",
    "failing": "raise SystemExit('no luck')",
    "step": "print('done')",
}


def plan(folder: Path, name: str) -> Plan:
    return Plan(
        name=name,
        command=[sys.executable, "-c", PROGRAMS[name]],
        lock=folder / name,
        probe=lambda: SaysReady("here I am"),
        grace=0.5,
        once=name == "step",
    )


def main(folder: Path, names: list[str]) -> int:
    try:
        with Supervisor([[plan(folder, name)] for name in names]) as supervisor:
            supervisor.start()
            print("all ready", flush=True)
            supervisor.watch()
    except Stopped:
        return 0
    except StartError as error:
        print(error, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
