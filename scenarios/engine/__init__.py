"""Reading: who is weighed, what is measured on them, which rules fire, and how that is said. Nothing here writes."""

from .explain import explain, outcome_sentence, reason_sentence
from .frame import Frame
from .framed import Days, Several, logged_row, mentor_row
from .holding import Holding, Placed, compare_holding
from .judge import (
    Answer,
    Hits,
    Packed,
    in_force,
    in_force_kept,
    interview,
    judge,
    judge_each,
    judge_into,
    judge_packed,
    rules_for_activities,
)
from .population import Logged, Named, Range, Share, active, as_subselect, count

__all__ = [
    "Answer",
    "Days",
    "Frame",
    "Hits",
    "Holding",
    "Logged",
    "Named",
    "Packed",
    "Placed",
    "Range",
    "Several",
    "Share",
    "active",
    "as_subselect",
    "compare_holding",
    "count",
    "explain",
    "in_force",
    "in_force_kept",
    "interview",
    "judge",
    "judge_each",
    "judge_into",
    "judge_packed",
    "logged_row",
    "mentor_row",
    "outcome_sentence",
    "reason_sentence",
    "rules_for_activities",
]
