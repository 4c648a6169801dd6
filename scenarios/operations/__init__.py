"""The verbs: everything that changes rules, facts and decisions."""

from .clearing import clear_run, withdraw_run
from .deciding import MentorResult, Verdict, decide
from .evaluating import ActivityConflict, TriggerCheck, check_trigger, evaluate_activity, log_activity
from .facts import FactConflict, amend, correction_of, state_known_since, withdraw, withdraw_current
from .feeding import (
    Fed,
    change_mentor,
    chapters_of,
    correct_fact,
    store_facts,
    store_mentors,
    store_pauses,
)
from .holding import ClearanceConflict, ClearanceNotFound, discard, expire_held, release
from .records import EvaluationNotFound, StatusConflict, hide_evaluation, mark_evaluation
from .rules import RuleConflict, new_scenario_id, refusal, save_rule, set_rule_state, turn_on_checks, watched
from .settling import no_longer_due, settle
from .switching import turn_messages, withdraw_switched_off

__all__ = [
    "ActivityConflict",
    "ClearanceConflict",
    "ClearanceNotFound",
    "EvaluationNotFound",
    "FactConflict",
    "Fed",
    "MentorResult",
    "RuleConflict",
    "StatusConflict",
    "TriggerCheck",
    "Verdict",
    "amend",
    "change_mentor",
    "chapters_of",
    "check_trigger",
    "clear_run",
    "correct_fact",
    "correction_of",
    "decide",
    "discard",
    "evaluate_activity",
    "expire_held",
    "hide_evaluation",
    "log_activity",
    "mark_evaluation",
    "new_scenario_id",
    "no_longer_due",
    "refusal",
    "release",
    "save_rule",
    "set_rule_state",
    "settle",
    "state_known_since",
    "store_facts",
    "store_mentors",
    "store_pauses",
    "turn_messages",
    "turn_on_checks",
    "watched",
    "withdraw",
    "withdraw_current",
    "withdraw_run",
    "withdraw_switched_off",
]
