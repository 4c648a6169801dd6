"""Redis and PostgreSQL go away, in the ways in which servers do."""

import signal
import time

from tests.chaos.house import POSTGRES, REDIS

from .base import PATIENCE, PLANNING, SENDING, WEIGHING, Scene, fault

SOME_SECONDS = 3.0


def bring_down(scene: Scene, name: str, signum: int, seconds: float = 0) -> None:
    scene.go_to(PLANNING, WEIGHING, SENDING)
    lives = len(scene.house.processes[name].lives)
    scene.house.keep_down(name, seconds)
    scene.house.send(name, signum)
    scene.house.wait(lambda: len(scene.house.processes[name].lives) > lives and scene.house.is_up(name), PATIENCE)


@fault("Redis is killed")
def redis_killed(scene: Scene) -> None:
    bring_down(scene, REDIS, signal.SIGKILL)


@fault("Redis is absent")
def redis_absent(scene: Scene) -> None:
    bring_down(scene, REDIS, signal.SIGKILL, SOME_SECONDS)


@fault("Redis is flushed")
def redis_flushed(scene: Scene) -> None:
    import redis

    for _n in range(3):
        scene.go_to(PLANNING, WEIGHING)
        with redis.Redis(unix_socket_path=str(scene.house.home.redis_socket)) as client:
            client.flushall()
        scene.is_back(REDIS)


@fault("Redis is frozen")
def redis_frozen(scene: Scene) -> None:
    scene.go_to(PLANNING, WEIGHING, SENDING)
    scene.house.send(REDIS, signal.SIGSTOP)
    deadline = time.monotonic() + SOME_SECONDS
    scene.house.wait(lambda: time.monotonic() > deadline, 2 * SOME_SECONDS)
    scene.house.send(REDIS, signal.SIGCONT)
    scene.is_back(REDIS)


@fault("PostgreSQL is restarted")
def postgres_restarted(scene: Scene) -> None:
    bring_down(scene, POSTGRES, signal.SIGINT)


@fault("PostgreSQL is stopped at once")
def postgres_stopped(scene: Scene) -> None:
    bring_down(scene, POSTGRES, signal.SIGQUIT)


@fault("PostgreSQL is absent")
def postgres_absent(scene: Scene) -> None:
    bring_down(scene, POSTGRES, signal.SIGQUIT, SOME_SECONDS)
