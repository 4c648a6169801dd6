"""Kill the house's parts, one fault a day, and compare what it says with what it must say.

    python -m tests.chaos [CYCLES] [SEED]

FAULTS="a worker is killed,points" takes only these. MUTATE=mark_before_send puts a mistake into the product, and
MUTATE=all shows that each of them is found. The last line is one JSON object. The exit code is 1 where anything was
lost, doubled or otherwise wrong.
"""

import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tests.chaos import mutants, report, storing
from tests.chaos.cycle import Cycle, Day
from tests.chaos.faults import FAULTS, deck
from tests.chaos.house import BEAT, OURS, POSTGRES, REDIS, House, opened
from tests.chaos.inject.mutants import MUTANTS
from tests.chaos.oracle import Oracle
from tests.chaos.tables import Tables
from tests.chaos.world import SLOT_ZONE, World, slot_of

MENTORS = 240


@dataclass(frozen=True)
class Asked:
    """What was asked for: how many cycles, drawn from which number, of which faults (none: all), with which mistake."""

    cycles: int
    seed: int
    faults: tuple[str, ...]
    mutant: str

    @classmethod
    def by(cls, arguments: list[str]) -> "Asked":
        """Raises SystemExit for what there isn't."""
        numbers = [int(argument) for argument in arguments]
        cycles, seed = numbers + [16, 1][len(numbers) :]
        faults = tuple(name.strip() for name in os.environ.get("FAULTS", "").split(",") if name.strip())
        mutant = os.environ.get("MUTATE", "")
        for names, known in ((faults, FAULTS), (filter(None, [mutant]), MUTANTS)):
            if unknown := sorted(set(names) - set(known)):
                sys.exit(f"there is no {', '.join(unknown)}, only: {', '.join(sorted(known))}")
        return cls(cycles, seed, faults or (MUTANTS[mutant].shown_by if mutant else ()), mutant)


def main(asked: Asked) -> int:
    began, seed = time.monotonic(), asked.seed
    days: list[Day] = []
    with opened() as house:
        mutated = f", mutated: {asked.mutant}" if asked.mutant else ""
        print(f"seed {seed}, {asked.cycles} cycles{mutated}", flush=True)
        try:
            play(house, days, asked)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            return 130
        finally:
            if days and not all(day.verdict.is_good for day in days) and not asked.mutant:
                print(f"logs: {keep_logs(house, seed)}")
            print(report.summary(days, seed=seed, seconds=time.monotonic() - began), flush=True)
    return int(not days or not all(day.verdict.is_good for day in days))


def play(house: House, days: list[Day], asked: Asked) -> None:
    random = Random(asked.seed)
    world = move_in(house, random, asked.mutant)
    cycle = Cycle(house, world, Oracle(), Tables(str(house.home.sockets)), random)
    names: list[str] = []
    for number in range(1, asked.cycles + 1):
        names = names or deck(random, asked.faults)
        day = cycle.play(FAULTS[names.pop(0)])
        days.append(day)
        print(report.line(number, day), flush=True)
        if not day.verdict.is_good:
            # What is wrong now would be counted again tomorrow.
            print("\n".join(day.verdict.lines()), flush=True)
            break


def move_in(house: House, random: Random, mutant: str) -> World:
    """Start everybody, with the day's slot still to come."""
    today = (datetime.now(SLOT_ZONE) + timedelta(days=1)).date()
    house.clock.set(slot_of(today).astimezone(UTC) - timedelta(hours=2))
    house.set_environment(mutant)
    house.add_servers()
    house.add_ours()
    house.start(POSTGRES, REDIS)
    world = World(MENTORS, today - timedelta(days=1), random)
    storing.store(world)
    if mutant:
        storing.run(MUTANTS[mutant].statements)
    house.start(*OURS)
    assert house.is_up(BEAT)
    return world


def keep_logs(house: House, seed: int) -> Path:
    kept = Path(tempfile.gettempdir()) / f"chaos-logs-{seed}-{os.getpid()}"
    shutil.copytree(house.folder / "logs", kept)
    return kept


if __name__ == "__main__":
    if os.environ.get("MUTATE") == "all":
        sys.exit(mutants.main(int((sys.argv[1:] + ["1", "1"][len(sys.argv[1:]) :])[1])))
    sys.exit(main(Asked.by(sys.argv[1:])))
