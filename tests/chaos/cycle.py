"""One day of the house: what it was expected to say, what was done to it, and what came of it."""

import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import psycopg

from tests.chaos import client, storing
from tests.chaos.checking import Expected, Verdict, compare
from tests.chaos.client import Api, Callers
from tests.chaos.faults import Fault, Scene
from tests.chaos.house import House
from tests.chaos.oracle import Oracle
from tests.chaos.recovery import DEAF, Recovery
from tests.chaos.tables import Tables
from tests.chaos.world import DAILY_RULES, Mentor, Visit, World, slot_of

# Seconds until all must be quiet again. Waits for a retry don't count: the clock is moved on.
PATIENCE = 60
A_MOMENT = timedelta(seconds=1)
LONGEST_COOLDOWN = max(rule.cooldown_days for rule in DAILY_RULES)
FINISHED = ("success", "partial", "failed", "cancelled", "skipped")


@dataclass
class Day:
    """What came of one cycle."""

    fault: str
    verdict: Verdict
    recovered: dict[str, float]
    completed: float
    seconds: float
    notes: list[str] = field(default_factory=list)


class Cycle:
    def __init__(self, house: House, world: World, oracle: Oracle, tables: Tables, random: Random) -> None:
        self.house, self.world, self.oracle, self.tables, self.random = house, world, oracle, tables, random
        self.days_off = 0

    def play(self, fault: Fault) -> Day:
        began = time.monotonic()
        days, self.days_off = fault.days + self.days_off, 0
        for _day in range(days):
            storing.store_changes(self.world.go_on())
        day, slot = self.world.today, slot_of(self.world.today)
        api = Api(self.house.port)
        scene = Scene(self.house, self.tables, api, Callers(), self.random, day, slot)
        expected, wanted, visits = self.expect(fault, slot)
        manners = fault.manners(self.random, sorted({expected.addresses[key[0]] for key in expected.must}))
        expected = replace(expected, refused=manners.refuses)
        last = self.tables.last_decision()

        fault.before(scene)
        recovery = Recovery(scene)
        for sink in self.house.sinks.values():
            sink.begin(manners)
        self.house.clock.set(slot + A_MOMENT)
        with Pulse(api):
            self.call(scene, visits, [mentor.user_id for mentor in wanted])
            fault.during(scene)
            struck = time.time()
            is_quiet = self.settle(scene, recovery)
        quiet = time.time()
        verdict = compare(
            expected,
            self.tables.told_since(last),
            [arrival for sink in self.house.sinks.values() for arrival in sink.seen()],
            sender_deaths=recovery.sender_deaths(),
        )
        if not is_quiet:
            verdict.lost.append(f"not quiet after {PATIENCE} seconds: {self.tables.waiting()}")
        verdict.wrong += self.wrong_runs(scene, slot, days) + api.bad
        took = recovery.seconds()
        verdict.wrong += [f"{name} did nothing for {DEAF} seconds" for name, wait in took.items() if wait is None]
        fault.after(scene)
        backs = [at for _name, at in recovery.backs()]
        recovered = {name: wait for name, wait in took.items() if wait is not None}
        completed = quiet - max([struck, *backs])
        return Day(fault.name, verdict, recovered, completed, time.monotonic() - began, scene.notes)

    def expect(self, fault: Fault, slot: datetime) -> tuple[Expected, list[Mentor], list[Visit]]:
        """Settle what is expected before anything happens; with it whom the run tells, and what is logged meanwhile."""
        mentors = {mentor.user_id: mentor for mentor in self.world.mentors}
        must, may = self.oracle.daily(self.world.mentors, slot), set()
        wanted = [mentors[user_id] for user_id, _rule, _occasion in sorted(must)]
        visits = self.world.draw_visits(wanted)
        must |= self.oracle.visits(mentors, visits, slot)
        if fault.jumps:
            self.world.today += timedelta(days=1)
            certain, may = self.oracle.in_mid_run(self.world.mentors, slot_of(self.world.today))
            must |= certain
            # What was told on which of the two days nobody knows: it must not matter any more.
            self.days_off = LONGEST_COOLDOWN
        addresses = {user_id: mentor.address for user_id, mentor in mentors.items()}
        return Expected(frozenset(must), addresses, may=frozenset(may - must)), wanted, visits

    def call(self, scene: Scene, visits: list, user_ids: list[str]) -> None:
        """Have the organisation's other systems call in the second in which the day's run begins."""
        client.post_visits(scene.api, scene.callers, visits)
        others = [mentor.user_id for mentor in self.random.sample(self.world.mentors, 10)]
        asked = list(dict.fromkeys(user_ids[:20] + others))
        self.random.shuffle(asked)
        client.append_batches(scene.api, scene.callers, asked, scene.slot)

    def settle(self, scene: Scene, recovery: Recovery) -> bool:
        """Wait until nothing is left to do; where only retries are left, move the clock on to them."""
        deadline = time.monotonic() + PATIENCE
        while not self.is_quiet(scene, recovery):
            if time.monotonic() > deadline:
                return False
        # Everybody who was away must have worked again, too.
        self.house.wait(lambda: None not in recovery.seconds().values(), DEAF)
        return True

    def is_quiet(self, scene: Scene, recovery: Recovery) -> bool:
        self.house.watch()
        recovery.look()
        time.sleep(0.02)
        if not (scene.callers.are_done and self.house.everybody_is_up()):
            return False
        try:
            waiting = self.tables.waiting()
            if set(waiting) == {"to be tried again"}:
                self.move_on()
            return not waiting and scene.run_is_there()
        except psycopg.OperationalError:
            return False

    def move_on(self) -> None:
        due = self.tables.next_try()
        if due is not None and due > self.house.clock.now():
            self.house.clock.set(due + A_MOMENT)

    def wrong_runs(self, scene: Scene, slot: datetime, days: int) -> list[str]:
        first = slot_of(slot.date() - timedelta(days=days - 1))
        days = (scene.day - first.date()).days + 1
        runs = self.tables.runs_since(first)
        wrong = [
            f"run {run_id} is {status}: {error}" for run_id, status, _slot, error in runs if status not in FINISHED
        ]
        wrong += [
            f"run {run_id} {status}: {error}" for run_id, status, _s, error in runs if status in ("partial", "failed")
        ]
        slots = [slot for _id, _status, slot, _error in runs if slot is not None]
        if len(set(slots)) != len(slots):
            wrong.append(f"one slot has several runs: {slots}")
        if len(set(slots)) != days:
            wrong.append(f"{days} slots have come, and these have a run: {slots}")
        return wrong


class Pulse:
    """Ask the web for something all the while, as its users do."""

    def __init__(self, api: Api) -> None:
        self.api, self.over = api, threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True)

    def beat(self) -> None:
        while not self.over.wait(0.2):
            self.api.look()

    def __enter__(self) -> "Pulse":
        self.thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.over.set()
        self.thread.join()
