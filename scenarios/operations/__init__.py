"""The verbs: everything that changes rules, facts and decisions."""

from .clearing import clear_run, withdraw_run
from .deciding import MentorResult, Verdict, decide
from .facts import amend, withdraw
from .rules import save_rule
from .settling import no_longer_due, settle

__all__ = [
    "MentorResult",
    "Verdict",
    "amend",
    "clear_run",
    "decide",
    "no_longer_due",
    "save_rule",
    "settle",
    "withdraw",
    "withdraw_run",
]
