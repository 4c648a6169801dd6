"""The verbs of runs and batches."""

from .appending import AppendedBatch, Result, append_batch
from .batches import run_one_batch
from .incidents import close_incidents, deal_with, open_incident
from .planning import plan_due, reconcile
from .problems import Conflict, RunNotFound
from .questions import TooMany, answer_one_question, ask, cancel, place_of, reconcile_questions
from .records import KEEP, hide_run, record_status
from .runs import start_run
from .watching import watch

__all__ = [
    "KEEP",
    "AppendedBatch",
    "Conflict",
    "Result",
    "RunNotFound",
    "TooMany",
    "answer_one_question",
    "append_batch",
    "ask",
    "cancel",
    "close_incidents",
    "deal_with",
    "hide_run",
    "open_incident",
    "place_of",
    "plan_due",
    "reconcile",
    "reconcile_questions",
    "record_status",
    "run_one_batch",
    "start_run",
    "watch",
]
