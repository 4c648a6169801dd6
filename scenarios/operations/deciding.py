"""Weigh a share of the mentors and write down what was decided, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from psycopg import sql

from .. import gates
from ..engine import Frame, Hits, Named, Share, active, in_force, judge
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
    versions = in_force(frame.known_at)
    hits = judge(versions, share, frame)
    weighed = share.mentors(frame).count()
    reasons = record(hits, frame, Origin(run_id=run_id))
    results = _results(share, hits, reasons, versions, frame) if isinstance(share, Named) else {}
    return Verdict(weighed, reasons.count(""), results)


def record(hits: Hits, frame: Frame, origin: Origin) -> list[str]:
    """Ask the gates and insert a decision for every hit; return the reasons in the order of the hits.

    Call it inside a transaction: the mentors on whom something fired stay locked until it ends, so that two who decide
    about the same person at the same second see each other's decisions.
    """
    if not hits:
        return []
    _lock(hits.mentor_ids)
    return insert(hits, gates.weigh(hits, frame.decided_at), frame, origin)


def _lock(mentor_ids: Sequence[int]) -> None:
    """Lock the mentors by id, so that nobody waits in a circle; FOR NO KEY UPDATE lets facts be logged meanwhile.

    Only the next statement sees what others committed before they let go, so the lock is one of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK.format(sql.Literal(sorted(set(mentor_ids)))))


LOCK = sql.SQL(
    "SELECT count(*) FROM (SELECT FROM scenarios_peermentor WHERE id = ANY({}::bigint[]) ORDER BY id"
    " FOR NO KEY UPDATE) locked"
)
INSERT = sql.SQL(
    "INSERT INTO scenarios_decision (mentor_id, organization_id, rule_id, rule_version_id, subject, occasion,"
    " readings, run_id, evaluation_id, instant, known_at, decided_at, reason, scheduled_for, outcome, outcome_reason)"
    " SELECT f.mentor_id, m.organization_id, v.rule_id, v.id, f.subject, f.occasion, f.readings,"
    " {run_id}, {evaluation_id},"
    " {instant}, {known_at}, {decided_at}, f.reason, {instant} + make_interval(hours => v.delay_hours),"
    " CASE WHEN f.reason = '' THEN 'pending' ELSE '' END, ''"
    " FROM unnest({mentor_ids}::bigint[], {version_ids}::bigint[], {subjects}::text[], {occasions}::text[],"
    " {readings}::jsonb[], {reasons}::text[]) AS f(mentor_id, version_id, subject, occasion, readings, reason)"
    " JOIN scenarios_ruleversion v ON v.id = f.version_id JOIN scenarios_peermentor m ON m.id = f.mentor_id"
    " ORDER BY f.mentor_id, v.rule_id, f.subject, f.occasion"
    " ON CONFLICT DO NOTHING RETURNING mentor_id, rule_version_id, subject"
)


def insert(hits: Hits, reasons: list[str], frame: Frame, origin: Origin) -> list[str]:
    """Insert the decisions; return the reasons as they came to be.

    The lock makes a conflict next to impossible. Where the unique key refuses a decision all the same, somebody else
    told it first, and that is what is recorded.
    """
    keys = list(zip(hits.mentor_ids, hits.version_ids, hits.subjects, strict=True))
    inserted = _insert_rows(hits, reasons, frame, origin)
    lost = [n for n, key in enumerate(keys) if key not in inserted]
    if lost:
        reasons = list(reasons)
        late = Hits()
        for n in lost:
            reasons[n] = str(Reason.ALREADY_TOLD)
            late.add(*keys[n], hits.occasions[n], hits.readings[n])
        _insert_rows(late, [str(Reason.ALREADY_TOLD)] * len(lost), frame, origin)
    return reasons


def _insert_rows(hits: Hits, reasons: list[str], frame: Frame, origin: Origin) -> set[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT.format(
                run_id=sql.Literal(origin.run_id),
                evaluation_id=sql.Literal(origin.evaluation_id),
                instant=sql.Literal(frame.instant),
                known_at=sql.Literal(frame.known_at),
                decided_at=sql.Literal(frame.decided_at),
                mentor_ids=sql.Literal(hits.mentor_ids),
                version_ids=sql.Literal(hits.version_ids),
                subjects=sql.Literal(hits.subjects),
                occasions=sql.Literal(hits.occasions),
                readings=sql.Literal(hits.readings),
                reasons=sql.Literal(reasons),
            )
        )
        return set(cursor.fetchall())


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
