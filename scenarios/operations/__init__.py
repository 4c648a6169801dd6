"""The verbs: everything that changes rules, facts and decisions."""

from .clearing import clear_run, withdraw_run
from .deciding import MentorResult, Verdict, decide
from .evaluating import ActivityConflict, TriggerCheck, check_trigger, evaluate_activity, log_activity
from .facts import amend, withdraw
from .rules import save_rule
from .settling import no_longer_due, settle

__all__ = [
    "ActivityConflict",
    "MentorResult",
    "TriggerCheck",
    "Verdict",
    "amend",
    "check_trigger",
    "clear_run",
    "decide",
    "evaluate_activity",
    "log_activity",
    "no_longer_due",
    "save_rule",
    "settle",
    "withdraw",
    "withdraw_run",
]
