"""What a fault is, and the scene in which it happens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import TypeVar

import psycopg

from tests.chaos.client import Api, Callers
from tests.chaos.house import House
from tests.chaos.sinks.base import Manners
from tests.chaos.tables import Tables

# Seconds until a moment that a fault waits for must have come.
PATIENCE = 20
PLANNING, WEIGHING, SENDING = "planning", "weighing", "sending"


@dataclass
class Scene:
    """One cycle, as a fault sees it."""

    house: House
    tables: Tables
    api: Api
    callers: Callers
    random: Random
    day: date
    slot: datetime
    # What was away and is back, and since when, where no process was started for it.
    backs: list[tuple[str, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def arrived(self) -> int:
        return sum(len(sink.arrivals) for sink in self.house.sinks.values())

    def go_to(self, *phases: str) -> str:
        """Wait until one of these phases of the day, drawn from the seed, is going on."""
        phase = self.random.choice(phases)
        self.notes.append(phase)
        if phase == PLANNING:
            self.house.pause(self.random.uniform(0, 0.8))
        elif phase == WEIGHING:
            self.house.wait(self.run_is_there, PATIENCE)
            self.house.pause(self.random.uniform(0, 0.3))
        else:
            enough = self.random.randint(1, 30)
            self.house.wait(lambda: self.arrived >= enough, PATIENCE)
        return phase

    def run_is_there(self) -> bool:
        try:
            return any(slot == self.day for _id, _status, slot, _error in self.tables.runs_since(self.slot))
        except psycopg.OperationalError:
            return False

    def is_back(self, component: str) -> None:
        self.backs.append((component, time.time()))


@dataclass(frozen=True)
class Fault:
    """`before` is called when all is quiet, `during` once the day has come, `after` when all is quiet again."""

    name: str
    during: Callable[[Scene], None]
    before: Callable[[Scene], None] = lambda scene: None
    after: Callable[[Scene], None] = lambda scene: None
    manners: Callable[[Random, list[str]], Manners] = lambda random, addresses: Manners()
    # How many days go by before the house looks again.
    days: int = 1
    # Whether it is in a deck once, or put there by other rules.
    drawn: bool = True
    # Whether it moves the clock to the next slot while messages of this one wait.
    jumps: bool = False


FAULTS: dict[str, Fault] = {}
During = TypeVar("During", bound=Callable[[Scene], None])


def fault(name: str, **more) -> Callable[[During], During]:
    """Register what is done during a cycle as a fault of this name."""

    def register(during: During) -> During:
        FAULTS[name] = Fault(name, during, **more)
        return during

    return register
