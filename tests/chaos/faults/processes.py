"""Our own processes are killed, or asked to stop, and started again."""

import signal

from tests.chaos.house import BEAT, OURS, POSTGRES, REDIS, WEB, WORKERS

from .base import PLANNING, SENDING, WEIGHING, Scene, fault

HOW = {"killed": signal.SIGKILL, "stopped": signal.SIGTERM}


def end(scene: Scene, names: tuple[str, ...], signum: int) -> None:
    for name in names:
        # Some come back at once, as under any supervisor, and some after a moment.
        scene.house.keep_down(name, scene.random.choice((0, 0, 1)))
        scene.house.send(name, signum)


def register(how: str, signum: int) -> None:
    @fault(f"a worker is {how}")
    def one_worker(scene: Scene) -> None:
        scene.go_to(WEIGHING, SENDING, SENDING)
        end(scene, (scene.random.choice(WORKERS),), signum)

    @fault(f"both workers are {how}")
    def both_workers(scene: Scene) -> None:
        scene.go_to(PLANNING, WEIGHING, SENDING)
        end(scene, WORKERS, signum)

    @fault(f"beat is {how}")
    def beat(scene: Scene) -> None:
        scene.go_to(PLANNING, WEIGHING)
        end(scene, (BEAT,), signum)

    @fault(f"the web is {how}")
    def web(scene: Scene) -> None:
        scene.house.pause(scene.random.uniform(0, 0.3))
        end(scene, (WEB,), signum)

    @fault(f"all of ours are {how}")
    def ours(scene: Scene) -> None:
        scene.go_to(PLANNING, WEIGHING, SENDING)
        end(scene, OURS, signum)


for _how, _signum in HOW.items():
    register(_how, _signum)


@fault("everything is killed")
def everything(scene: Scene) -> None:
    scene.go_to(WEIGHING, SENDING)
    end(scene, (*OURS, REDIS), signal.SIGKILL)
    # The server's own immediate stop: killed outright, its children would have to be waited for.
    end(scene, (POSTGRES,), signal.SIGQUIT)


@fault("a sender is killed again and again")
def sender(scene: Scene) -> None:
    for _n in range(3):
        scene.go_to(SENDING)
        end(scene, (scene.random.choice(WORKERS),), signal.SIGKILL)
        scene.house.wait(scene.house.everybody_is_up, 20)


@fault("nothing")
def nothing(scene: Scene) -> None:
    """An undisturbed day, to compare with."""
