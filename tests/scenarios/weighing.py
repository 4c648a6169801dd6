"""Ask the engine and the verbs the way a run does."""

import json
from datetime import datetime

from django.db import transaction

from scenarios import operations
from scenarios.engine import Frame, Logged, Named, Range, in_force, judge
from scenarios.models import Activity, Decision, PeerMentor, RuleVersion
from tests.factories import NOW, days

EVERYBODY = Range(0, 2**62)


def fired(mentor: PeerMentor | None = None, *, at: datetime = NOW, known_at: datetime | None = None) -> set[tuple]:
    """Return what fires as (user id, rule's scenario, subject): on one named mentor, or on all active ones."""
    share = Named([mentor.pk]) if mentor else EVERYBODY
    hits = judge(in_force(known_at or at), share, Frame(at, known_at or at, at))
    users = dict(PeerMentor.objects.values_list("pk", "user_id"))
    scenarios = dict(RuleVersion.objects.values_list("pk", "scenario_id"))
    return {(users[mentor_id], scenarios[version_id], subject) for mentor_id, version_id, subject in hits.fired()}


def fires_on(mentor: PeerMentor, *, at: datetime = NOW, known_at: datetime | None = None) -> bool:
    return bool(fired(mentor, at=at, known_at=known_at))


def activity(mentor: PeerMentor, **fields) -> Activity:
    """Return an activity of the mentor that is only proposed: completed now, and in no table."""
    fields = {"activity_id": "act_proposed", "activity_type": "visit", "completed_at": NOW, **fields}
    return Activity(mentor=mentor, **fields)


def reading_of(proposed: Activity, *, chapter_id: str = "ch_any", known_at: datetime | None = None) -> dict | None:
    """Judge one activity, long after it happened; return what the one rule that fires read, or None."""
    at = proposed.completed_at
    frame = Frame(at, known_at or at + days(60), at + days(60))
    hits = judge(in_force(frame.known_at), Logged(proposed.mentor_id, proposed, chapter_id), frame)
    return json.loads(hits.readings[0]) if hits else None


def matches(mentor: PeerMentor, **fields) -> bool:
    return reading_of(activity(mentor, **fields)) is not None


def decide(*mentors: PeerMentor, at: datetime = NOW, run_id: str = "run_1") -> operations.Verdict:
    """Decide about the named mentors, or else about everybody active."""
    share = Named([mentor.pk for mentor in mentors]) if mentors else EVERYBODY
    with transaction.atomic():
        return operations.decide(share, Frame.at(at), run_id=run_id)


def reason_for(mentor: PeerMentor, *, at: datetime = NOW, run_id: str = "run_1") -> str:
    """Decide about one mentor and return why the one rule that fired is held back; empty where it is told."""
    decide(mentor, at=at, run_id=run_id)
    return Decision.objects.filter(mentor=mentor, run_id=run_id).get().reason


def reasons(run_id: str = "run_1") -> dict[str, str]:
    """Return the reasons of a run's decisions by scenario."""
    rows = Decision.objects.filter(run_id=run_id).values_list("rule_version__scenario_id", "reason")
    return dict(rows)
