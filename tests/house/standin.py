"""A supervisor of two stand-ins for servers, to be started, killed and looked at by test_supervisor.py.

    python -m tests.house.standin FOLDER CHILD...

Each CHILD is a tier of its own and one of the functions below.
"""

import sys
from dataclasses import replace
from pathlib import Path

from config.local import embedded
from config.local.child import Plan
from config.local.home import Home
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
    # Answers as long as a file of that name is there, and then ends as it is asked to, or doesn't.
    "answering": f"{PRELUDE}; {READY}; {WAIT}",
    "frozen": f"{PRELUDE}; {READY}; os.kill(os.getpid(), signal.SIGSTOP); {WAIT}",
}
# The real ones.
SERVERS = {"postgres": embedded.postgres, "redis": embedded.redis}


def plan(folder: Path, name: str) -> Plan:
    if name in SERVERS:
        home = Home(folder)
        home.make()
        return replace(SERVERS[name](home), patience=3)
    return Plan(
        name=name,
        command=[sys.executable, "-c", PROGRAMS[name]],
        lock=folder / name,
        probe=lambda: SaysReady("here I am"),
        grace=0.5,
        once=name == "step",
        still_answers=(folder / f"{name}-answers").exists if name in ("answering", "frozen") else None,
        patience=0.5,
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
