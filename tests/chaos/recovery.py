"""How long each thing that was killed needed until it did its own work again.

Counted from the moment it was back: its process said that it was ready, its server accepted, its freeze was over. What
counts as work is its own, so that one component isn't flattered by the others:

a worker    the next task that this very worker finished
beat        the next tick that this very beat rang
web         the next request that PostgreSQL had a part in and that it answered
sender      from its death, when another could have taken over, until nothing is left in its hands
Redis       the next task of each worker, and the next tick: the slowest of them
PostgreSQL  the next task of each worker, and the web's next answer
"""

import time
from collections.abc import Iterable

import psycopg

from tests.chaos.faults import Scene
from tests.chaos.house import BEAT, POSTGRES, REDIS, WEB, WORKERS, House
from tests.chaos.inject import traces

# What did not do its work again in this many seconds is deaf.
DEAF = 20


class Recovery:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.house = scene, scene.house
        self.began = time.time()
        self.lives = {name: len(process.lives) for name, process in self.house.processes.items()}
        # The leases of senders that died: since when, and until when somebody was still said to have them in hand.
        self.orphans: dict[str, tuple[float, float]] = {}
        self.deaths_seen = 0

    def look(self) -> None:
        """Note what a sender that has just died had in hand, and what of it is still there."""
        now = time.time()
        deaths = self.worker_deaths()
        if deaths == self.deaths_seen and not any(until == 0 for _since, until in self.orphans.values()):
            return
        try:
            leases = self.scene.tables.leases()
        except psycopg.OperationalError:
            return
        if deaths > self.deaths_seen:
            self.deaths_seen = deaths
            self.orphans |= {token: (now, 0.0) for token in leases if token not in self.orphans}
        for token, (since, until) in self.orphans.items():
            if not until and token not in leases:
                self.orphans[token] = (since, now)

    def worker_deaths(self) -> int:
        return sum(life.code not in (0, None) for _name, life in self.lives_of(WORKERS)) + len(self.points_died_at())

    def sender_deaths(self) -> int:
        """Each worker sends in one process at a time, so it leaves at most one message behind."""
        return self.worker_deaths()

    def points_died_at(self) -> list[dict]:
        """Return where children of workers killed themselves; a parent's death is seen as its life's end."""
        deaths = read_deaths(self.house)
        return [
            death
            for death in deaths
            if death["at"] >= self.began and death["name"] in WORKERS and death["action"] == "kill"
        ]

    def lives_of(self, names: Iterable[str]):
        """Return the lives that ended or began in this cycle, with whose they are."""
        for name in names:
            for life in self.house.processes[name].lives[max(0, self.lives[name] - 1) :]:
                if life.started >= self.began or (life.ended or 0) >= self.began:
                    yield name, life

    def backs(self) -> list[tuple[str, float]]:
        lives = self.lives_of(self.house.wanted)
        ready = [(name, life.ready) for name, life in lives if life.started >= self.began and life.ready]
        # One that was gone again before it could do anything is counted by its next life.
        return list(dict(ready + self.scene.backs).items())

    def seconds(self) -> dict[str, float | None]:
        """Return how long each component needed; None for one that hasn't done its work yet."""
        found: dict[str, float | None] = {}
        backs = dict(self.backs())
        for component, back in backs.items():
            # Who shows that a server is back may have been away longer than the server.
            waits = [self.waited(name, max(back, backs.get(name, 0))) for name in self.parts(component)]
            found[component] = None if None in waits else max(waits)  # type: ignore[type-var]
        for died, until in self.orphans.values():
            waited = until - self.somebody_could(died)
            found["sender"] = None if not until else max(found.get("sender") or 0, waited)
        return found

    def somebody_could(self, since: float) -> float:
        """Return from when on a worker was there that could take over what a sender left behind."""
        lives = [life for _name, life in self.lives_of(WORKERS)]
        lives += [self.house.processes[name].lives[-1] for name in WORKERS]
        ready = [max(since, life.ready) for life in lives if life.ready]
        ends = [life.ended or float("inf") for life in lives if life.ready]
        # One that ended soon after had no time for it.
        return min((at for at, end in zip(ready, ends, strict=True) if end > at + 5), default=since)

    def parts(self, component: str) -> tuple[str, ...]:
        return {REDIS: (*WORKERS, BEAT), POSTGRES: (*WORKERS, WEB)}.get(component, (component,))

    def waited(self, name: str, since: float) -> float | None:
        worked = self.worked(name, since)
        return None if worked is None else worked - since

    def worked(self, name: str, since: float) -> float | None:
        if name == WEB:
            answers = [answered for asked, answered, code in self.scene.api.pulse if asked >= since and code == 200]
            return min(answers, default=None)
        done = [at for at, _verb, _task, state in traces.read(self.house.folder, name) if at > since]
        return min(done, default=None)


def read_deaths(house: House) -> list[dict]:
    import json

    file = house.folder / "deaths"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
