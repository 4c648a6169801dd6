"""The verbs of runs and batches."""

from .appending import AppendedBatch, Result, append_batch
from .batches import run_one_batch
from .incidents import close_incidents, deal_with, open_incident
from .planning import plan_due, reconcile
from .problems import Conflict, RunNotFound
from .records import KEEP, hide_run, record_status
from .runs import start_run
from .watching import watch

__all__ = [
    "KEEP",
    "AppendedBatch",
    "Conflict",
    "Result",
    "RunNotFound",
    "append_batch",
    "close_incidents",
    "deal_with",
    "hide_run",
    "open_incident",
    "plan_due",
    "reconcile",
    "record_status",
    "run_one_batch",
    "start_run",
    "watch",
]
