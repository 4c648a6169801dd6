"""Start a PostgreSQL and a Redis for this bench alone, measure on them, and throw them away.

python -m config.bench            10,000, 100,000 and 1,000,000 mentors
python -m config.bench 100000     one size
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from config.local import locks
from config.local.child import Plan
from config.local.embedded import postgres, redis
from config.local.home import Home
from config.local.process import die_with_parent
from config.local.run import PROBLEMS, make_is_waiting, set_environment
from config.local.supervisor import Stopped, Supervisor

INTERRUPTED = 130
PREFIX = "peerwell-bench-"
SIZES = ("10000", "100000", "1000000")
# The same for every way that is measured. Durable as in production; one connection is one core.
POSTGRES = (
    *("shared_buffers=2GB", "effective_cache_size=6GB", "work_mem=64MB", "maintenance_work_mem=256MB"),
    *("random_page_cost=1.1", "max_wal_size=8GB", "checkpoint_timeout=30min", "autovacuum=off"),
    "max_parallel_workers_per_gather=0",
)
# What somebody has set for `make run` is not meant for the bench.
NOT_FOR_THE_BENCH = (
    *("DATABASE_URL", "REDIS_URL", "DATABASE_STATEMENT_TIMEOUT", "DEBUG", "LOG_LEVEL", "SECRET_KEY"),
    *("API_ACCESS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "STATIC_ROOT", "EMAIL_HOST", "EMAIL_PORT"),
)


def main(sizes: list[str]) -> int:
    if wrong := [size for size in sizes if not (size.isascii() and size.isdecimal() and int(size) >= 1000)]:
        print(f"peerwell: MENTORS must be a whole number from 1000 up, not {wrong[0]!r}", file=sys.stderr)
        return 1
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)
    clear_away_what_killed_benches_left()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        return measure(Home(folder), sizes or list(SIZES))
    except Stopped:
        return INTERRUPTED
    except PROBLEMS as problem:
        print(f"peerwell: {problem}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(home: Home, sizes: list[str]) -> int:
    home.make()
    locks.acquire(home.lock)
    for name in NOT_FOR_THE_BENCH:
        os.environ.pop(name, None)
    os.environ["DJANGO_ENV"] = "local"
    set_environment(home)
    with Supervisor([[tuned(postgres(home)), redis(home)]], told_to_stop=make_is_waiting) as supervisor:
        supervisor.start()
        command = [sys.executable, "-m", "config.bench.measure", *sizes]
        # Seeding takes its time; the workers are started with the limit that they have elsewhere.
        environment = {**os.environ, "DATABASE_STATEMENT_TIMEOUT": "0", "LOG_LEVEL": "WARNING"}
        running = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
        try:
            supervisor.watch(until=lambda: running.poll() is not None)
        except Stopped:
            running.terminate()
            running.wait()
            raise
        return running.returncode


def tuned(plan: Plan) -> Plan:
    options = [option for setting in POSTGRES for option in ("-c", setting)]
    return replace(plan, command=[*plan.command, *options])


def clear_away_what_killed_benches_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Held as long as its bench is alive. Who has no lock yet is only just starting.
        lock = folder / "lock"
        if os.access(lock, os.W_OK) and locks.is_free(lock):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
