"""Answer, for any mentor and any past day: why, and why not."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from .. import gates
from ..engine import Answer, Frame, Hits, Named, active, in_force, interview, outcome_sentence, reason_sentence
from ..models import Decision, PeerMentor, RuleVersion
from .sandbox import sandbox


@dataclass(frozen=True)
class RuleAccount:
    """What one rule had to say about one mentor (or one of their certifications) on one day.

    `recorded` is the decision that was written then, if any; it is what is shown. `differs` is True where today's
    knowledge would have given another reading, because something was logged late or taken back.
    """

    version: RuleVersion
    subject: str
    readings: dict
    fired: bool
    reason: str
    recorded: Decision | None
    differs: bool
    sentence: str


@dataclass(frozen=True)
class Account:
    """One mentor on one day; `not_weighed` says why nobody looked at all, and is empty otherwise."""

    mentor: PeerMentor
    instant: datetime
    not_weighed: str
    rules: list[RuleAccount]


def replay(mentor: PeerMentor, *, instant: datetime, now: datetime) -> Account:
    """Return how every rule of that day came to its answer, as the facts were known then.

    A decision that was recorded is shown as recorded; the rest is measured again by the same expressions.
    """
    recorded = {
        (decision.rule_version_id, decision.subject): decision
        for decision in Decision.objects.filter(mentor=mentor, instant=instant, run_id__isnull=False)
        .select_related("rule_version", "organization")
        .order_by("-id")
    }
    decided_at = max((decision.decided_at for decision in recorded.values()), default=instant)
    versions = in_force(instant)
    share = Named([mentor.pk])
    answers = interview(versions, share, Frame(instant, instant, decided_at))
    today = {
        (answer.version.pk, answer.subject): answer for answer in interview(versions, share, Frame(instant, now, now))
    }
    reasons = _reasons(mentor, answers, instant=instant, decided_at=decided_at)
    zone = mentor.organization.zone
    accounts = []
    for answer in answers:
        key = (answer.version.pk, answer.subject)
        decision = recorded.get(key)
        reason = decision.reason if decision else reasons.get(key, "")
        accounts.append(
            RuleAccount(
                version=answer.version,
                subject=answer.subject,
                readings=decision.readings if decision else answer.readings,
                fired=answer.fired,
                reason=reason,
                recorded=decision,
                differs=key not in today or today[key].readings != answer.readings,
                sentence=_sentence(answer, decision, reason, zone),
            )
        )
    return Account(mentor, instant, _why_not_weighed(mentor, instant), accounts)


def _reasons(
    mentor: PeerMentor, answers: list[Answer], *, instant: datetime, decided_at: datetime
) -> dict[tuple[int, str], str]:
    hits = Hits()
    for answer in answers:
        if answer.fired:
            hits.add(mentor.pk, answer.version.pk, answer.subject, answer.occasion, "")
    if not hits:
        return {}
    with sandbox(as_of=instant, mentor_ids=[mentor.pk]):
        reasons = gates.weigh(hits, decided_at, instant=instant)
    return dict(zip(zip(hits.version_ids, hits.subjects, strict=True), reasons, strict=True))


def _why_not_weighed(mentor: PeerMentor, instant: datetime) -> str:
    if active(instant, instant).filter(pk=mentor.pk).exists():
        return ""
    if mentor.recorded_at > instant or mentor.joined_at > instant:
        return _("Not weighed: had not joined yet.")
    if mentor.left_at and mentor.left_at <= instant:
        return _("Not weighed: had left.")
    return _("Not weighed: was paused.")


def _sentence(answer: Answer, decision: Decision | None, reason: str, zone) -> str:
    readings = decision.readings if decision else answer.readings
    if not answer.fired and decision is None and None in readings.values():
        return _("There was nothing to measure, so the rule kept quiet.")
    read = answer.version.trigger.explain(readings, answer.version, zone)
    if decision is not None:
        return f"{read} {outcome_sentence(decision)}"
    if not answer.fired:
        return f"{read} " + _("The rule kept quiet.")
    if reason:
        return f"{read} " + _("Would not have been told: %(reason)s.") % {"reason": reason_sentence(reason)}
    return f"{read} " + _("Would have been told.")
