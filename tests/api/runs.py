"""Runs as the log shows them, made without running anything."""

from datetime import datetime
from itertools import count

from scheduler.models import Batch, Run
from tests.factories import NOW

RUNS = "/api/v1/scheduler-invocations"

_number = count(1)


def make_run(*, invoked_at: datetime = NOW, status: str = "success", **fields) -> Run:
    return Run.objects.create(
        **{
            "id": f"run_{next(_number):04}",
            "invoked_at": invoked_at,
            "status": status,
            "finished_at": None if status == "running" else invoked_at,
            **fields,
        }
    )


def make_batch(run: Run, *, index: int = 0, status: str = "done", **fields) -> Batch:
    return Batch.objects.create(
        **{
            "run": run,
            "index": index,
            "lo": 1,
            "hi": 50,
            "as_of": run.invoked_at,
            "status": status,
            "finished_at": None if status == "pending" else run.invoked_at,
            **fields,
        }
    )


def ids(response) -> list[str]:
    return [row["id"] for row in response.json()["data"]]
