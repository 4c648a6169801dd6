"""`make day`, `make manage`: a management command on the servers of PEERWELL_HOME, started for it if need be."""

import os
import subprocess
import sys

from config.local import app, locks
from config.local.embedded import servers
from config.local.home import CHECKOUT, Home
from config.local.process import wait_until
from config.local.run import PROBLEMS, set_environment
from config.local.supervisor import StartError, Stopped, Supervisor

INTERRUPTED = 130
# Commands that want more than servers: a migrated database with the demo in it.
NEED_SETUP = {"day"}


def main(arguments: list[str]) -> int:
    home = Home.from_environment()
    try:
        home.make()
        lock = locks.acquire(home.lock)
        if lock is None:
            return on_running_servers(home, arguments)
        set_environment(home)
        return on_own_servers(home, arguments)
    except Stopped:
        return INTERRUPTED
    except PROBLEMS as problem:
        print(f"peerwell: {problem}", file=sys.stderr)
        return 1


def on_running_servers(home: Home, arguments: list[str]) -> int:
    for plan in servers(home):
        if not wait_until(plan.probe(), 60):
            raise StartError(f"{plan.name} does not answer, although {home.root} is in use")
    return command(arguments).wait()


def on_own_servers(home: Home, arguments: list[str]) -> int:
    setup = [app.setup(home)] if arguments[:1] and arguments[0] in NEED_SETUP else []
    with Supervisor([tier for tier in (servers(home), setup) if tier]) as supervisor:
        supervisor.start()
        running = command(arguments)
        try:
            supervisor.watch(until=lambda: running.poll() is not None)
        except Stopped:
            # Ctrl-C has reached the command too: it is in the foreground.
            running.terminate()
            running.wait()
            raise
        return running.returncode


def command(arguments: list[str]) -> subprocess.Popen[bytes]:
    """In the foreground: it may ask questions and draw a progress bar."""
    os.environ.setdefault("DJANGO_ENV", "local")
    return subprocess.Popen([sys.executable, str(CHECKOUT / "manage.py"), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
