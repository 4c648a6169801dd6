"""The embedded servers as the supervisor sees them. Where the environment names a server, that one is used instead."""

import os
import signal

from config.local.child import Plan
from config.local.home import Home
from config.local.postgres_server import PostgresServer
from config.local.redis_server import RedisServer


def servers(home: Home) -> list[Plan]:
    plans = []
    if not os.environ.get("DATABASE_URL"):
        plans.append(postgres(home))
    if not os.environ.get("REDIS_URL"):
        plans.append(redis(home))
    return plans


def postgres(home: Home) -> Plan:
    server = PostgresServer(home.postgres_data, home.sockets)

    def before() -> None:
        server.initialise()
        server.forget_predecessor()

    return Plan(
        name="postgres",
        command=server.command,
        lock=home.locks / "postgres",
        probe=lambda: server.is_ready,
        # Fast shutdown: ends the sessions and writes everything out; the default would wait for the sessions.
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        grace=30,
        become=server.become,
        before=before,
        quiet=True,
        still_answers=server.is_ready,
    )


def redis(home: Home) -> Plan:
    server = RedisServer(home.redis_data, home.redis_socket)
    return Plan(
        name="redis",
        command=server.command,
        lock=home.locks / "redis",
        probe=lambda: server.is_ready,
        death_signal=signal.SIGTERM,
        quiet=True,
        still_answers=server.is_ready,
    )
