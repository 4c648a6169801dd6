"""Look again at what was delayed, each message when it was due: what the outbox does one instant at a time.

Whether a message stayed true depends on the facts alone, so that very many are asked in a few statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from .. import gates
from ..engine import Frame, Several, judge_each, logged_row, mentor_row
from ..models import Activity, Evaluation, Rule, RuleVersion
from ..models.decisions import Reason
from ..models.rules import Judged, RuleState
from ..operations.settling import STALE_AFTER, still_as_high
from .relogging import Logging, Rules


@dataclass(frozen=True)
class Waiting:
    """A delayed message; `number` is that of the moment at which it was decided, if that was in the simulation."""

    decision_id: int
    mentor_id: int
    version_id: int
    subject: str
    occasion: str
    scheduled_for: datetime
    due_at: datetime
    number: int | None
    evaluation_id: str


def no_longer_due_each(
    waiting: Sequence[Waiting], rules: Rules, versions: Mapping[int, RuleVersion], loggings: Mapping[int, Logging]
) -> dict[int, str]:
    """Return those that must not be told when they are due, each with its reason."""
    made_by = {**RuleVersion.objects.in_bulk({row.version_id for row in waiting} - set(versions)), **versions}
    on = set(Rule.objects.filter(state=RuleState.ON).values_list("pk", flat=True))
    reasons = _personal(waiting)
    reasons |= dict.fromkeys(_untrue(waiting, rules, made_by, loggings), Reason.NO_LONGER_TRUE)
    reasons |= {row.decision_id: Reason.RULE_DISABLED for row in waiting if made_by[row.version_id].rule_id not in on}
    reasons |= {row.decision_id: Reason.STALE for row in waiting if row.due_at - row.scheduled_for > STALE_AFTER}
    return {pk: str(reason) for pk, reason in reasons.items()}


ROWS = (
    "(SELECT *, gate_at AS gate_known_at FROM unnest(%(ids)s::bigint[], %(mentor_ids)s::bigint[],"
    " %(version_ids)s::bigint[], %(due_at)s::timestamptz[]) AS due(n, mentor_id, version_id, gate_at))"
)


def _personal(waiting: Sequence[Waiting]) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            gates.over_rows(gates.look_again_statement(), ROWS),
            {
                "ids": [row.decision_id for row in waiting],
                "mentor_ids": [row.mentor_id for row in waiting],
                "version_ids": [row.version_id for row in waiting],
                "due_at": [row.due_at for row in waiting],
            },
        )
        return {pk: reason for pk, reason in cursor if reason}


def _untrue(
    waiting: Sequence[Waiting], rules: Rules, made_by: Mapping[int, RuleVersion], loggings: Mapping[int, Logging]
) -> list[int]:
    """Return which would not come out so any more, under the version that made them and the one of when it is due."""
    activities = _Activities(waiting, loggings)
    untrue = []
    asked: dict[tuple[int, bool], list[tuple[Waiting, list[RuleVersion], dict]]] = {}
    states = {}
    for row in waiting:
        version, in_force = made_by[row.version_id], rules.at(row.due_at)
        states[id(in_force)] = in_force
        others = [now for now in in_force if now.rule_id == version.rule_id and now.pk != version.pk]
        if version.judged == Judged.DAILY:
            subject = mentor_row(row.decision_id, row.mentor_id, Frame.at(row.due_at), apart_from=row.decision_id)
            asked.setdefault((id(in_force), False), []).append((row, [version, *others], subject))
        elif activities.judged(row):
            if (logged := activities.as_logged(row)) is None:
                untrue.append(row.decision_id)
            else:
                asked.setdefault((id(in_force), True), []).append((row, [version, *others], logged))
    for (state, of_activities), rows in asked.items():
        only = list({version.pk: version for _row, wanted, _subject in rows for version in wanted}.values())
        share = Several([subject for _row, _wanted, subject in rows], of_activities)
        fired = judge_each(states[state], share, only=only)
        for row, wanted, _subject in rows:
            keys = [(row.decision_id, version.pk, row.subject) for version in wanted]
            holds = all(
                key in fired and still_as_high(made_by[row.version_id], version, row.occasion, fired[key])
                for key, version in zip(keys, wanted, strict=True)
            )
            if not holds:
                untrue.append(row.decision_id)
    return untrue


class _Activities:
    """The activities that delayed messages are about, as they were logged when each was due."""

    def __init__(self, waiting: Sequence[Waiting], loggings: Mapping[int, Logging]):
        evaluations = Evaluation.objects.select_related("activity").in_bulk(
            {row.evaluation_id for row in waiting if row.evaluation_id}
        )
        self._posted = {}
        for row in waiting:
            if row.number is not None and row.number in loggings:
                logging = loggings[row.number]
                chapter_id = logging.chapter.pk if logging.chapter else None
                self._posted[row.decision_id] = (logging.activity.activity_id, chapter_id)
            elif row.evaluation_id:
                evaluation = evaluations[row.evaluation_id]
                self._posted[row.decision_id] = (evaluation.activity.activity_id, evaluation.chapter_id)
        self._states: dict[str, list[Activity]] = {}
        for activity in Activity.objects.filter(activity_id__in={posted[0] for posted in self._posted.values()}):
            self._states.setdefault(activity.activity_id, []).append(activity)

    def judged(self, row: Waiting) -> bool:
        """Tell whether it was evaluated for a chapter."""
        return self._posted.get(row.decision_id, (None, None))[1] is not None

    def as_logged(self, row: Waiting) -> dict | None:
        activity_id, chapter_id = self._posted[row.decision_id]
        for activity in self._states.get(activity_id, []):
            known = activity.recorded_at <= row.due_at and not (
                activity.withdrawn_at and activity.withdrawn_at <= row.due_at
            )
            if known and activity.mentor_id == row.mentor_id:
                frame = Frame(activity.completed_at, row.due_at, row.due_at)
                return logged_row(row.decision_id, activity, chapter_id or "", frame)
        return None
