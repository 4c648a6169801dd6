"""The clock jumps: by the time of a slot, by hours in the middle of the work, and back."""

import signal
from datetime import timedelta

from tests.chaos.house import BEAT
from tests.chaos.sinks import email
from tests.chaos.sinks.base import Manners

from .base import FAULTS, PATIENCE, PLANNING, SENDING, WEIGHING, Fault, Scene, fault

FORWARD = timedelta(hours=3)
BACK = timedelta(hours=1)


@fault("a day is missed", days=2)
def missed(scene: Scene) -> None:
    """Two slots have come when the house looks: the later one runs, and the other leaves a trace."""


@fault("the clock jumps ahead")
def ahead(scene: Scene) -> None:
    scene.go_to(PLANNING, WEIGHING, SENDING, SENDING)
    scene.house.clock.set(scene.house.clock.now() + FORWARD)


def jump(scene: Scene) -> None:
    """Move on to the next slot when everything is decided and not everything told."""
    scene.house.wait(lambda: scene.callers.are_done and scene.run_is_there() and is_decided(scene), PATIENCE)
    scene.day += timedelta(days=1)
    scene.house.clock.set(scene.slot + timedelta(days=1, minutes=1))


def is_decided(scene: Scene) -> bool:
    return not {"runs", "batches"} & scene.tables.waiting().keys()


FAULTS["the clock jumps to the next slot"] = Fault(
    "the clock jumps to the next slot",
    jump,
    # So that some are still to be told.
    manners=lambda random, addresses: Manners(email.SLOW, 100),
    jumps=True,
)


@fault("the clock goes back for a moment")
def back(scene: Scene) -> None:
    scene.go_to(WEIGHING, SENDING)
    scene.house.clock.set(scene.house.clock.now() - BACK)
    scene.house.pause(1.5)
    scene.house.clock.set(scene.house.clock.now() + BACK)


@fault("beat's clock was ahead")
def beat_was_ahead(scene: Scene) -> None:
    """Beat notes when it last rang; by a clock that was a day ahead, that is tomorrow."""
    scene.tables.rows("UPDATE django_celery_beat_periodictask SET last_run_at = now() + interval '1 day' RETURNING id")
    scene.house.send(BEAT, signal.SIGKILL)
