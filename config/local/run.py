"""`make run`: everything that Peerwell needs, in the foreground, until Ctrl-C."""

import errno
import os
import shutil
import signal
import socket
import sys
from pathlib import Path

from config.local import app, locks
from config.local.binaries import MissingBinary
from config.local.embedded import servers
from config.local.home import CHECKOUT, Home, HomeError, kept_secret
from config.local.identity import NoIdentity
from config.local.postgres_server import PostgresError
from config.local.prepare import ADMIN
from config.local.process import die_with_parent, wait_until
from config.local.supervisor import StartError, Stopped, Supervisor

# Each of these says in one line what stands in the way.
PROBLEMS = (HomeError, MissingBinary, NoIdentity, PostgresError, StartError)


class CannotRun(Exception):
    """Says in one line why not."""


def main() -> int:
    if "MAKELEVEL" in os.environ:
        # make tells nobody when it is killed.
        die_with_parent(signal.SIGTERM)
    home = Home.from_environment()
    try:
        home.make()
        # Held until this process ends, however it ends.
        take(home)
        listener = listen(read_port(), home)
        set_environment(home)
        run(home, listener)
    except Stopped:
        # As was asked: no reason for make to speak of an error.
        return 0
    except (CannotRun, *PROBLEMS) as problem:
        print(f"peerwell: {problem}", file=sys.stderr)
        return 1
    return 0


def run(home: Home, listener: socket.socket) -> None:
    tiers = [
        servers(home),
        [app.setup(home)],
        [app.web(home, listener), app.worker(home), app.beat(home)],
    ]
    with Supervisor([tier for tier in tiers if tier], told_to_stop=make_is_waiting) as supervisor:
        supervisor.start()
        print(welcome(home, listener), flush=True)
        supervisor.watch()


def take(home: Home) -> None:
    # Also after a moment: the one before us may still be putting its things away.
    if not wait_until(lambda: locks.acquire(home.lock) is not None, 4):
        raise CannotRun(f"{home.root} is in use by another `make run` (or day, manage). PEERWELL_HOME names another")


def read_port() -> int:
    asked_for = os.environ.get("PORT") or "8000"
    if not (asked_for.isascii() and asked_for.isdecimal() and 1 <= int(asked_for) <= 65535):
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {asked_for!r}")
    return int(asked_for)


def listen(port: int, home: Home) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # After a kill -9 the old web process may need a moment to let go of it.
    wait_until(lambda: locks.is_free(home.locks / "web"), 5)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else "may not be used by this user"
        raise CannotRun(f"Port {port} {why}. Choose another: make run PORT={port + 1}") from None
    listener.listen(128)
    return listener


def set_environment(home: Home) -> None:
    """What every child gets."""
    kept_secret(home.secret_key, 50)
    # Killed workers leave folders behind; nobody else looks after this place.
    shutil.rmtree(home.temporary, ignore_errors=True)
    home.temporary.mkdir(mode=0o700)
    os.chdir(CHECKOUT)
    os.environ.setdefault("DJANGO_ENV", "local")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        PEERWELL_HOME=str(home.root),
        PYTHONUNBUFFERED="1",
        TMPDIR=str(home.temporary),
    )


def make_is_waiting() -> bool:
    """Has the `make` that started us got a SIGINT or SIGHUP of its own?

    It then waits for us to end, and tells us nothing; but while it waits it keeps that signal blocked, which shows.
    """
    if "MAKELEVEL" not in os.environ:
        return False
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return False
    blocked = next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigBlk")), 0)
    return bool(blocked & (1 << signal.SIGINT - 1 | 1 << signal.SIGHUP - 1))


def welcome(home: Home, listener: socket.socket) -> str:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    password = home.admin_password.read_text() if home.admin_password.exists() else "(as you have set it)"
    return "\n".join(
        (
            "",
            f"  Peerwell is ready   {url}/",
            f"  Admin               {url}/admin/   {ADMIN} / {password}",
            f"  API                 {url}/api/docs/",
            "  Stop                Ctrl-C",
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
