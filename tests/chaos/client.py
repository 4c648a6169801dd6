"""The organisation's other systems: they post activities and batches, and ask again until they are answered."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from tests.chaos.storing import chapter_id
from tests.chaos.world import Visit

RUNS = "/api/v1/scheduler-invocations"
EVALUATIONS = "/api/v1/scenario-evaluations"
PATIENCE = 40
TIMEOUT = 5
PAUSE = 0.1
BUSY = (409, 503)


class Api:
    """Answers to what was asked; what must never be answered is kept in `bad`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.bad: list[str] = []
        # When it was asked, when it answered, and how.
        self.pulse: list[tuple[float, float, int]] = []

    def ask(self, method: str, path: str, body: dict | None = None, key: str = "") -> tuple[int, dict]:
        """Ask once. Raises OSError or HTTPException where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 500 and answer.status != 503:
            self.bad.append(f"{answer.status} to {method} {path}: {text[:200]!r}")
        return answer.status, json.loads(text) if text.startswith(b"{") else {}

    def insist(self, method: str, path: str, body: dict | None = None, key: str = "") -> dict:
        """Ask until it is done; returns an empty answer where that doesn't come about in time."""
        deadline = time.monotonic() + PATIENCE
        status, answer = 0, {}
        while time.monotonic() < deadline:
            try:
                status, answer = self.ask(method, path, body, key)
            except (OSError, http.client.HTTPException):
                status = 0
            if status in (200, 201):
                return answer
            if status and status < 500 and status not in BUSY:
                break
            time.sleep(PAUSE)
        self.bad.append(f"{method} {path} was not done: {status} {answer}")
        return {}

    def look(self) -> None:
        asked = time.time()
        try:
            status, _answer = self.ask("GET", f"{RUNS}?limit=1")
        except (OSError, http.client.HTTPException):
            return
        self.pulse.append((asked, time.time(), status))


class Callers:
    """Several callers at once, each in a thread of its own."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def call(self, work: Callable[[], object]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self.threads.append(thread)
        thread.start()

    @property
    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)


def post_visits(api: Api, callers: Callers, visits: Sequence[Visit]) -> None:
    """Post each activity twice at once, as a caller does who didn't hear the first answer."""

    def post(share: Sequence[Visit], key: str) -> None:
        for visit in share:
            body = {"chapter_id": chapter_id(visit.organization), "activity": as_posted(visit)}
            api.insist("POST", EVALUATIONS, body, key and f"{key}:{visit.id}")

    for half in (visits[::2], visits[1::2]):
        # The second one has no key: nothing but the activity's id says that it is the same.
        callers.call(lambda half=half: post(half, "once"))
        callers.call(lambda half=half: post(half, ""))


def as_posted(visit: Visit) -> dict:
    return {
        "id": visit.id,
        "user_id": visit.user_id,
        "activity_type": "visit",
        "completed_at": visit.completed_at.astimezone(tz=None).isoformat(),
        "duration_seconds": visit.seconds,
    }


def append_batches(api: Api, callers: Callers, user_ids: Sequence[str], slot: datetime) -> None:
    """Have the same mentors weighed in the same second, as batches appended to the day's run: two, that overlap."""

    def append(share: Sequence[str], key: str) -> None:
        if run_id := find_run(api, slot):
            body = {"user_ids": list(share), "run_id": run_id}
            api.insist("POST", f"{RUNS}/evaluation-batch", body, f"{key}:{slot:%Y-%m-%d}")

    third = len(user_ids) // 3
    callers.call(lambda: append(user_ids[: 2 * third], "append one"))
    callers.call(lambda: append(user_ids[third:], "append two"))


def find_run(api: Api, slot: datetime) -> str:
    """Return the id of the run of this slot as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for run in api.insist("GET", RUNS).get("data", ()):
            if datetime.fromisoformat(run["invoked_at"]) >= slot and run["status"] in ("running", "success"):
                return run["id"]
        time.sleep(PAUSE)
    api.bad.append(f"there is no run for {slot}")
    return ""


def start_runs(api: Api, callers: Callers, number: int) -> None:
    """Start so many runs by hand at once."""
    for n in range(number):
        callers.call(lambda n=n: api.insist("POST", RUNS, {"reason": f"by hand {n}"}))
