"""Decisions that are due: mentors who have been idle for twenty days, under a rule that allows fourteen."""

from datetime import datetime
from itertools import count

from django.utils import timezone

from notifications.models import Contact, Notification
from scenarios.models import Clearance, Decision, Organization, PeerMentor, Rule
from tests.factories import NOW, days, make_contact, make_mentor, make_organization, make_rule

_number = count(1)


def make_decision(mentor: PeerMentor, rule: Rule | None = None, **fields) -> Decision:
    """Make a decision of no run, so a cleared one, that is due."""
    rule = rule or make_rule()
    at = fields.get("decided_at", NOW)
    return Decision.objects.create(
        **{
            "mentor": mentor,
            "organization": mentor.organization,
            "rule": rule,
            "rule_version": rule.versions.latest("number"),
            "occasion": f"occasion {next(_number)}",
            "readings": {"from": (at - days(20)).isoformat(), "to": at.isoformat()},
            "instant": at,
            "known_at": at,
            "decided_at": at,
            "scheduled_for": at,
            "outcome": Decision.Outcome.PENDING,
            **fields,
        }
    )


def make_due(organization: Organization | None = None, *, contact: dict | None = None, **fields) -> Decision:
    """Make an idle mentor with an address, and the due decision to tell them so."""
    mentor = make_mentor(organization or make_organization(), idle_for=days(20))
    make_contact(mentor, **(contact or {}))
    return make_decision(mentor, **fields)


def make_due_now(organization: Organization | None = None, **fields) -> Decision:
    """Make a decision that is due by the clock on the wall, which is the one that the task reads."""
    return make_due(organization, decided_at=timezone.now(), **fields)


def let_leases_run_out() -> None:
    """Leave things as they are some seconds after a sender has died: its lease has run out, and so has its notice."""
    long_ago = NOW - days(365)
    Notification.objects.filter(status="sending").update(lease_until=long_ago, lease_overdue=True)


def address_of(decision: Decision) -> str:
    return Contact.objects.get(mentor=decision.mentor_id).email


def clear(decision: Decision, status: str = Clearance.Status.CLEARED, at: datetime = NOW) -> None:
    """Write the clearance of this decision's part of its run."""
    settled = at if status in ("released", "discarded", "expired") else None
    explanation = "" if status == Clearance.Status.CLEARED else "Unusually many."
    Clearance.objects.create(
        run_id=decision.run_id,
        organization=decision.organization,
        status=status,
        explanation=explanation,
        judged_at=at,
        settled_at=settled,
    )


def outcome_of(decision: Decision) -> tuple[str, str]:
    """Return what became of the decision, and why."""
    decision.refresh_from_db()
    return decision.outcome, decision.outcome_reason
