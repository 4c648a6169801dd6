"""Processes kill themselves between two steps: a point of each family at a time, until all have had a turn."""

from random import Random

from tests.chaos.inject import failpoints

from .base import FAULTS, Fault, Scene, fault

ACTIONS = (failpoints.KILL, failpoints.KILL, failpoints.KILL_PARENT, failpoints.TERM_PARENT)
_turns: dict[int, list[failpoints.Failpoint]] = {}


def next_of(family: int, random: Random) -> failpoints.Failpoint:
    if not _turns.get(family):
        _turns[family] = random.sample(failpoints.FAMILIES[family], len(failpoints.FAMILIES[family]))
    return _turns[family].pop()


def arm(scene: Scene) -> None:
    for family in range(len(failpoints.FAMILIES)):
        point = next_of(family, scene.random)
        action, nth = scene.random.choice(ACTIONS), scene.random.randint(1, point.often)
        failpoints.arm(scene.house.folder, point.name, action, nth)
        scene.notes.append(f"{point.name} {action} {nth}")


def disarm(scene: Scene) -> None:
    for armed in (scene.house.folder / "armed").iterdir():
        scene.notes.append(f"{armed.name} wasn't passed")
        armed.unlink()


def arm_only(point: failpoints.Failpoint):
    """Return what has the one who passes this point killed, late enough that others are at work."""
    return lambda scene: failpoints.arm(scene.house.folder, point.name, failpoints.KILL, point.often)


@fault("points", before=arm, after=disarm, drawn=False)
def points(scene: Scene) -> None:
    """Nothing more to do: they are armed."""


# Each by itself too, for those who ask for it by name.
for _point in failpoints.FAILPOINTS.values():
    _name = f"point {_point.name}"
    FAULTS[_name] = Fault(_name, points, before=arm_only(_point), after=disarm, drawn=False)
