"""Peerwell's own processes as the supervisor sees them: setup, then web, worker and beat."""

import socket
import sys

from config.local.child import Plan
from config.local.home import CHECKOUT, Home
from config.local.probes import AnswersHttp, SaysReady


def setup(home: Home) -> Plan:
    command = [sys.executable, "-m", "config.local.prepare"]
    # A migration may take its time.
    no_limit = {"DATABASE_STATEMENT_TIMEOUT": "0"}
    return Plan("setup", command, home.locks / "setup", probe=lambda: bool, environment=no_limit, once=True)


def web(home: Home, listener: socket.socket) -> Plan:
    # We listen and the web process inherits: while it restarts, requests wait instead of being refused.
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", "--config", str(CHECKOUT / "config/local/gunicorn_conf.py")),
        *("--bind", f"fd://{listener.fileno()}"),
    ]
    return Plan(
        name="web",
        command=command,
        lock=home.locks / "web",
        probe=lambda: AnswersHttp(listener.getsockname()),
        # A page that takes longer than this has lost its reader.
        environment={"DATABASE_STATEMENT_TIMEOUT": "10"},
        hands_over=[listener.fileno()],
    )


def worker(home: Home) -> Plan:
    options = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return celery(home, "worker", options, " ready.", grace=15)


def beat(home: Home) -> Plan:
    # Without a pid file: after a kill -9 a number that somebody else has by now would keep beat from starting.
    return celery(home, "beat", ["--pidfile=", "--loglevel", "INFO"], "beat: Starting", grace=5)


def celery(home: Home, name: str, options: list[str], says: str, grace: float) -> Plan:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", name, *options]
    # In a container or on a bare machine root is who there is; messages are JSON, which cannot run code.
    as_root = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
    return Plan(name, command, home.locks / name, probe=lambda: SaysReady(says), environment=as_root, grace=grace)
