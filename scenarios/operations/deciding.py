# ruff: noqa: S608  (put together from constants; values go in as parameters)
"""Weigh a share of the mentors and write down what was decided, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from .. import gates
from ..engine import Frame, Hits, Named, Packed, Share, active, count, in_force_kept, judge, judge_packed
from ..models import PeerMentor, RuleVersion
from ..models.decisions import Reason

NOTHING = "no_scenario_triggered"


@dataclass(frozen=True)
class MentorResult:
    """What came of one mentor that a caller named: the rule that won, or else the first that was held back."""

    trigger_type: str | None
    notified: bool
    reason: str


@dataclass(frozen=True)
class Verdict:
    """How many mentors were weighed and how many are to be told; `results` by mentor id, for named mentors alone."""

    weighed: int
    notified: int
    results: dict[int, MentorResult] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """What a decision belongs to: a run, or the evaluation of one activity."""

    run_id: str | None = None
    evaluation_id: str | None = None


def decide(share: Share, frame: Frame, *, run_id: str) -> Verdict:
    """Weigh the mentors against the daily rules in force and insert a decision for every rule that fired.

    Call it inside a transaction, see `record`.
    """
    versions = in_force_kept(frame.known_at)
    origin = Origin(run_id=run_id)
    if not isinstance(share, Named):
        # Of very many, only how many there were crosses to here.
        return Verdict(count(share, frame), record_all(judge_packed(versions, share, frame), frame, origin))
    hits = judge(versions, share, frame)
    reasons = record(hits, frame, origin)
    return Verdict(count(share, frame), reasons.count(""), _results(share, hits, reasons, versions, frame))


def record(hits: Hits, frame: Frame, origin: Origin) -> list[str]:
    """Ask the gates and insert a decision for every hit; return the reasons in the order of the hits.

    Call it inside a transaction: the mentors on whom something fired stay locked until it ends, so that two who decide
    about the same person at the same second see each other's decisions.
    """
    if not hits:
        return []
    _lock(hits)
    return insert(hits, frame, origin)


def record_all(hits: Packed, frame: Frame, origin: Origin) -> int:
    """Do the same for hits that nobody looks at; return how many are to be told."""
    if not hits:
        return 0
    _lock(hits)
    return insert_all(hits, frame, origin)


def _lock(hits: Hits | Packed) -> None:
    """Lock the mentors by id, so that nobody waits in a circle; FOR NO KEY UPDATE lets facts be logged meanwhile.

    Only the next statement sees what others committed before they let go, so the lock is one of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, hits.values())


LOCK = (
    "SELECT count(*) FROM (SELECT FROM scenarios_peermentor WHERE id = ANY(%(mentor_ids)s::bigint[]) ORDER BY id"
    " FOR NO KEY UPDATE) locked"
)
INSERT = (
    "INSERT INTO scenarios_decision (mentor_id, organization_id, rule_id, rule_version_id, subject, occasion,"
    " readings, run_id, evaluation_id, instant, known_at, decided_at, reason, scheduled_for, outcome, outcome_reason)"
    " SELECT mentor_id, organization_id, rule_id, version_id, subject, occasion, readings::jsonb,"
    " %(run_id)s, %(evaluation_id)s, %(instant)s, %(known_at)s, %(decided_at)s, reason,"
    " %(instant)s::timestamptz + make_interval(hours => delay_hours),"
    " CASE WHEN reason = '' THEN 'pending' ELSE '' END, '' FROM weighed"
    " ORDER BY mentor_id, rule_id, subject, occasion"
    " ON CONFLICT DO NOTHING RETURNING mentor_id, rule_version_id, subject, reason"
)
ONE_BY_ONE = "SELECT mentor_id, rule_version_id, subject, reason FROM inserted"
COUNTED = "SELECT count(*), count(*) FILTER (WHERE reason = '') FROM inserted"
# What the unique key refused has left no decision of this origin.
LATE = (
    f"weighed AS (SELECT f.*, m.organization_id, v.rule_id, v.delay_hours, '{Reason.ALREADY_TOLD}' AS reason"
    f" FROM {gates.FIRED} WHERE NOT EXISTS (SELECT FROM scenarios_decision d WHERE d.mentor_id = f.mentor_id"
    " AND d.rule_version_id = f.version_id AND d.subject = f.subject AND d.decided_at = %(decided_at)s"
    " AND d.run_id IS NOT DISTINCT FROM %(run_id)s AND d.evaluation_id IS NOT DISTINCT FROM %(evaluation_id)s))"
)


def insert(hits: Hits, frame: Frame, origin: Origin, *, known_at: datetime | None = None) -> list[str]:
    """Ask the gates and insert the decisions in one statement; return the reasons as they came to be.

    `known_at` is for those who ask the gates with hindsight. The lock makes a conflict next to impossible. Where the
    unique key refuses a decision all the same, somebody else told it first, and that is what is recorded.
    """
    given = _given(hits, frame, origin, known_at)
    inserted = _inserted(gates.weighed(), ONE_BY_ONE, given)
    if len(inserted) < len(hits):
        inserted += _inserted(LATE, ONE_BY_ONE, given)
    reasons = {tuple(key): reason for *key, reason in inserted}
    return [reasons[key] for key in zip(hits.mentor_ids, hits.version_ids, hits.subjects, strict=True)]


def insert_all(hits: Packed, frame: Frame, origin: Origin) -> int:
    """Do the same, and return how many are to be told."""
    given = _given(hits, frame, origin)
    ((inserted, told),) = _inserted(gates.weighed(), COUNTED, given)
    if inserted < len(hits):
        _inserted(LATE, COUNTED, given)
    return told


def _given(hits: Hits | Packed, frame: Frame, origin: Origin, known_at: datetime | None = None) -> dict[str, Any]:
    return {**hits.values(), **frame.values(), **vars(origin), **gates.asked_at(frame.decided_at, known_at)}


def _inserted(weighed: str, wanted: str, given: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {weighed}, inserted AS ({INSERT}) {wanted}", given)
        return cursor.fetchall()


def _results(
    share: Named, hits: Hits, reasons: list[str], versions: Sequence[RuleVersion], frame: Frame
) -> dict[int, MentorResult]:
    """Return one result for each named mentor who exists."""
    order = {version.pk: n for n, version in enumerate(versions)}
    trigger_types = {version.pk: version.trigger_type for version in versions}
    best: dict[int, tuple] = {}
    for mentor_id, version_id, reason in zip(hits.mentor_ids, hits.version_ids, reasons, strict=True):
        candidate = (bool(reason), order[version_id], version_id, reason)
        best[mentor_id] = min(best.get(mentor_id, candidate), candidate)
    fired = {
        mentor_id: MentorResult(trigger_types[version_id], not reason, reason)
        for mentor_id, (_held, _order, version_id, reason) in best.items()
    }
    return {**_standing(share, frame), **fired}


def _standing(share: Named, frame: Frame) -> dict[int, MentorResult]:
    """Return what to say of mentors on whom nothing fired: gone, paused, or simply nothing to tell."""
    present = set(active(frame.decided_at, frame.decided_at).filter(id__in=share.ids).values_list("id", flat=True))
    reasons = {
        mentor.pk: NOTHING
        if mentor.pk in present
        else Reason.MENTOR_LEFT
        if _has_left(mentor, frame)
        else Reason.MENTOR_PAUSED
        for mentor in share.mentors(frame)
    }
    return {pk: MentorResult(None, False, str(reason)) for pk, reason in reasons.items()}


def _has_left(mentor: PeerMentor, frame: Frame) -> bool:
    left_at, recorded_at = mentor.left_at, mentor.left_recorded_at
    return bool(left_at and recorded_at and left_at <= frame.decided_at and recorded_at <= frame.decided_at)
