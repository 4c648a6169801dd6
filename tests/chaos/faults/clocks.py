"""The clock jumps: by the time of a slot, by hours in the middle of the work, and back."""

from datetime import timedelta

from .base import PLANNING, SENDING, WEIGHING, Scene, fault

FORWARD = timedelta(hours=3)
BACK = timedelta(hours=1)


@fault("a day is missed", days=2)
def missed(scene: Scene) -> None:
    """Two slots have come when the house looks: the later one runs, and the other leaves a trace."""


@fault("the clock jumps ahead")
def ahead(scene: Scene) -> None:
    scene.go_to(PLANNING, WEIGHING, SENDING, SENDING)
    scene.house.clock.set(scene.house.clock.now() + FORWARD)


@fault("the clock goes back for a moment")
def back(scene: Scene) -> None:
    scene.go_to(WEIGHING, SENDING)
    scene.house.clock.set(scene.house.clock.now() - BACK)
    scene.house.pause(1.5)
    scene.house.clock.set(scene.house.clock.now() + BACK)
