"""The laws that every registered trigger type keeps, whatever it measures."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scenarios import triggers
from scenarios.engine import Frame, Hits, Named, in_force, in_force_kept, judge
from scenarios.models import Decision, PeerMentor
from scenarios.triggers.base import DAILY
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_certification,
    make_mentor,
    make_organization,
    make_pause,
    make_rule,
)
from tests.scenarios.weighing import EVERYBODY, decide

pytestmark = pytest.mark.django_db

daily_types = pytest.mark.parametrize(
    "slug", [slug for slug, kind in triggers.registry.items() if DAILY in kind.judged]
)
every_type = pytest.mark.parametrize("slug", list(triggers.registry))


def make_crowd(size: int = 40) -> list[PeerMentor]:
    """Make mentors in every situation: busy, idle, new, returned from a pause, certified for long or hardly."""
    organization = make_organization()
    crowd = []
    for n in range(size):
        mentor = make_mentor(organization, joined_at=NOW - days(400 - 6 * n))
        if n % 3:
            make_activity(mentor, completed_at=NOW - days(n), distance_meters=100 * n, duration_seconds=60 * n)
        if n % 4 == 1:
            make_pause(mentor, starts_at=NOW - days(2 * n), ends_at=NOW - days(n // 2 + 1))
        for kind in range(n % 3):
            make_certification(mentor, kind=f"Course {kind}", expires_at=NOW + days(3 * n - 20))
        crowd.append(mentor)
    return crowd


def weighed(share, at: datetime = NOW) -> Hits:
    return judge(in_force(at), share, Frame(at, at, at))


@daily_types
def test_a_mentor_is_judged_alone_as_in_a_crowd(slug):
    make_rule(slug)
    crowd = make_crowd()
    together = weighed(EVERYBODY).fired()
    alone = set().union(*(weighed(Named([mentor.pk])).fired() for mentor in crowd))
    assert together, "a crowd in which nothing fires proves nothing"
    assert alone == together


@daily_types
def test_the_number_of_statements_does_not_grow_with_the_mentors(slug):
    make_rule(slug)
    in_force_kept(NOW)  # The rules are read by whoever asks first.
    counts = []
    for size in (10, 60):
        make_crowd(size)
        with CaptureQueriesContext(connection) as statements:
            verdict = decide(run_id=f"run_{size}")
        assert verdict.weighed >= size
        assert Decision.objects.filter(run_id=f"run_{size}").exists()
        counts.append(len(statements))
    assert counts[0] == counts[1]


@daily_types
def test_the_same_frame_gives_the_same_answer(slug):
    make_rule(slug)
    make_crowd()
    first, second = weighed(EVERYBODY), weighed(EVERYBODY)
    assert sorted(zip(first.mentor_ids, first.readings, strict=True)) == sorted(
        zip(second.mentor_ids, second.readings, strict=True)
    )


@daily_types
def test_what_is_recorded_after_the_frame_is_not_seen(slug):
    make_rule(slug)
    crowd = make_crowd()
    before = weighed(EVERYBODY).fired()
    for mentor in crowd:
        later = NOW + days(1)
        make_activity(mentor, completed_at=NOW - days(1), recorded_at=later)
        make_certification(mentor, kind="Course 0", expires_at=NOW + days(900), recorded_at=later)
        make_pause(mentor, starts_at=NOW - days(3), ends_at=NOW - days(2), recorded_at=later)
    assert weighed(EVERYBODY).fired() == before


@daily_types
def test_every_reading_is_explained_in_a_sentence_without_gaps(slug):
    make_rule(slug)
    make_crowd()
    decide()
    for decision in Decision.objects.select_related("rule_version", "organization"):
        trigger = decision.rule_version.trigger
        sentence = trigger.explain(decision.readings, decision.rule_version, ZoneInfo("Europe/Oslo"))
        assert sentence.endswith(".")
        assert "%(" not in sentence
        assert "None" not in sentence


@every_type
def test_a_rule_that_cannot_work_is_refused_by_field(slug):
    trigger = triggers.get(slug)
    rule = make_rule(slug)
    assert trigger.complaints(rule) == {}
    rule.parameters = {"made_up": 1}
    rule.judged = "never"
    assert {"judged", "parameters"} <= set(trigger.complaints(rule))


def test_days_are_told_as_calendar_days_of_the_organisation():
    readings = {
        "from": datetime(2026, 3, 1, 22, 30, tzinfo=UTC).isoformat(),
        "to": datetime(2026, 3, 10, 16, 0, tzinfo=UTC).isoformat(),
    }
    rule = make_rule("inactivity", threshold_days=7)
    # 8.7 days of 24 hours: nine dates apart in London, eight in Auckland, where both are the next day's.
    assert "for 9 days" in rule.trigger.explain(readings, rule, ZoneInfo("Europe/London"))
    assert "for 9 days" in rule.trigger.explain(readings, rule, ZoneInfo("Pacific/Auckland"))
    assert "for 8 days" in rule.trigger.explain(readings, rule, ZoneInfo("Asia/Dubai"))
