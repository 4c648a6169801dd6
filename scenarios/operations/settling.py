"""What becomes of a decision after it was made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from .. import gates
from ..engine import Frame, Hits, Logged, Named, in_force, judge
from ..measures import Milestone
from ..models import Activity, Decision, Evaluation, RuleVersion
from ..models.decisions import Reason
from ..models.rules import Judged

STALE_AFTER = timedelta(days=7)


def settle(decision_ids: Sequence[int], *, told: bool, reason: str = "", now: datetime) -> int:
    """Record that waiting decisions were told, or withdrawn for a reason; return how many that was true of.

    Told starts the cooldown; withdrawn gives the occasion and the cooldown back. What was withdrawn while it was being
    handed over is told all the same: the mentor has heard of it, and shouldn't again.
    """
    outcome = Decision.Outcome.TOLD if told else Decision.Outcome.WITHDRAWN
    waiting = Q(outcome=Decision.Outcome.PENDING)
    withdrawn = Q(~Exists(_decided_anew()), outcome=Decision.Outcome.WITHDRAWN)
    return Decision.objects.filter(waiting | withdrawn if told else waiting, id__in=decision_ids).update(
        outcome=outcome, outcome_reason=reason, settled_at=now
    )


def _decided_anew() -> QuerySet[Decision]:
    """Return what stands in the place of a decision that gave its occasion back."""
    occasion = {name: OuterRef(name) for name in ("mentor", "rule", "subject", "occasion")}
    return Decision.objects.filter(outcome__in=[Decision.Outcome.PENDING, Decision.Outcome.TOLD], **occasion)


def no_longer_due(decision_ids: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Look again at waiting decisions before they are told: return those that must not be, each with its reason.

    A rule judged every day is measured in the frame of now, one judged on an activity at that activity's instant with
    what is known now. The gates of the person are asked again, the cooldown never is.
    """
    decisions = list(
        Decision.objects.filter(id__in=decision_ids, outcome=Decision.Outcome.PENDING)
        .select_related("rule", "rule_version", "evaluation__activity")
        .order_by("id")
    )
    if not decisions:
        return {}
    reasons = _personal(decisions, now)
    reasons |= {decision.pk: Reason.NO_LONGER_TRUE for decision in _untrue(decisions, now)}
    reasons |= {decision.pk: Reason.RULE_DISABLED for decision in decisions if not decision.rule.is_on}
    reasons |= {decision.pk: Reason.STALE for decision in decisions if now - decision.scheduled_for > STALE_AFTER}
    return {pk: str(reason) for pk, reason in reasons.items()}


def _personal(decisions: Sequence[Decision], now: datetime) -> dict[int, str]:
    hits = Hits()
    for decision in decisions:
        hits.add(decision.mentor_id, decision.rule_version_id, decision.subject, decision.occasion, "")
    answers = gates.look_again(hits, now)
    return {decision.pk: reason for decision, reason in zip(decisions, answers, strict=True) if reason}


def _untrue(decisions: Sequence[Decision], now: datetime) -> list[Decision]:
    """Return the decisions that would not come out so any more, under the version that made them and today's."""
    in_force_now = in_force(now)
    today = {version.rule_id: version for version in in_force_now}
    daily = [decision for decision in decisions if decision.rule_version.judged == Judged.DAILY]
    versions = {version.pk: version for decision in daily for version in _asked(decision, today)}
    mentors = Named(
        sorted({decision.mentor_id for decision in daily}), apart_from=tuple(decision.pk for decision in daily)
    )
    still = judge(in_force_now, mentors, Frame.at(now), only=list(versions.values())).occasions_of()
    untrue = [row for row in daily if not all(_holds(row, version, still) for version in _asked(row, today))]
    judged = [(row, row.evaluation) for row in decisions if row.evaluation is not None]
    return untrue + [row for row, evaluation in judged if not _still_matches(row, evaluation, today, now)]


def _holds(decision: Decision, version: RuleVersion, still: dict[tuple[int, int, str], str]) -> bool:
    """Return whether the rule still fires on it: of milestones one as high, since a lower one may be reached anyway."""
    occasion = still.get((decision.mentor_id, version.pk, decision.subject))
    return occasion is not None and still_as_high(decision.rule_version, version, decision.occasion, occasion)


def still_as_high(made_by: RuleVersion, version: RuleVersion, told: str, now: str) -> bool:
    """Return whether what fires now is as high a milestone as what was to be told; true of all that is none."""
    if not all(isinstance(one.trigger.measure(one), Milestone) for one in (made_by, version)):
        return True
    (year, step), (told_year, told_step) = now.split(":"), told.split(":")
    return year != told_year or int(step) >= int(told_step)


def _asked(decision: Decision, today: dict[str, RuleVersion]) -> list[RuleVersion]:
    """Return the version that decided and, where staff have changed the rule since, the one in force now."""
    made_by, now_in_force = decision.rule_version, today.get(decision.rule_id)
    return [made_by] if now_in_force is None or now_in_force.pk == made_by.pk else [made_by, now_in_force]


def _still_matches(decision: Decision, evaluation: Evaluation, today: dict[str, RuleVersion], now: datetime) -> bool:
    """Judge the activity again as it is logged now; it may have been corrected or taken back since."""
    activity = Activity.objects.standing().filter(activity_id=evaluation.activity.activity_id).first()
    if activity is None or activity.mentor_id != decision.mentor_id:
        return False
    frame = Frame(instant=activity.completed_at, known_at=now, decided_at=now)
    share = Logged(decision.mentor_id, activity, evaluation.chapter_id)
    asked = _asked(decision, today)
    return len(judge(list(today.values()), share, frame, only=asked).fired()) == len(asked)
