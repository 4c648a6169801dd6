"""Activities that were logged before, judged once more: what was decided then, and what other rules would have done."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from scenarios import operations
from scenarios.engine import Frame
from scenarios.models import Activity, Chapter, Decision, Evaluation, PeerMentor, RuleVersion
from scenarios.operations import evaluate_activity, no_longer_due, settle, withdraw
from scenarios.what_if import backtest, backtesting, preview, previewing, relogged_of, try_on_activities
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_chapter,
    make_membership,
    make_mentor,
    make_organization,
    make_rule,
)
from tests.scenarios.weighing import EVERYBODY
from tests.scenarios.worlds import make_world

pytestmark = pytest.mark.django_db
BEGINS = datetime(2026, 1, 20, 5, 0, tzinfo=UTC)
LENGTH = 40


def draft_of(rule, **changes) -> RuleVersion:
    return RuleVersion(rule_id=rule.pk, **{**rule.terms(), **changes})


def make_rules_for_activities(chapter: Chapter) -> None:
    organization = chapter.organization
    make_rule("long_session", scenario_id="long", cooldown_days=3, priority=4)
    make_rule("long_session", scenario_id="long", cooldown_days=1, priority=2, organization=organization)
    make_rule(
        "wellbeing_flag", scenario_id="mood", cooldown_days=0, priority=1, chapter=chapter, organization=organization
    )
    make_rule("group_activity", scenario_id="group", cooldown_days=2, priority=5, delay_hours=30)
    make_rule("activity_missed", judged="activity", scenario_id="back", threshold_days=5, cooldown_days=7, priority=3)


def posted(rng: random.Random, mentor: PeerMentor, number: int) -> tuple[datetime, Activity]:
    """Return when an activity is posted, some of them late, and the activity."""
    completed_at = BEGINS + timedelta(days=rng.uniform(0, LENGTH - 1))
    late = rng.choice([0, 0, 0.3, 2, 9])
    activity = Activity(
        activity_id=f"act_posted_{number}",
        mentor=mentor,
        activity_type=rng.choice(["visit", "phone"]),
        completed_at=completed_at,
        duration_seconds=rng.choice([None, 1_800, 7_200]),
        is_group=rng.random() < 0.3,
        wellbeing_flags=rng.choice([[], [], ["low_mood"]]),
    )
    return completed_at + timedelta(days=late), activity


def live(instants, posts, chapters) -> dict[datetime, set]:
    """Do what daily runs, posted activities and the outbox do, in their order; return what each day decided."""
    events = [(instant, "run", None) for instant in instants]
    events += [(at, "post", activity) for at, activity in posts]
    # Before a message of it that is delayed is due.
    events += [(at + timedelta(hours=10), "take back", activity) for at, activity in posts[::4]]
    for now, event, activity in sorted(events, key=lambda event: event[0]):
        tell_what_is_due(now)
        if event == "run":
            with transaction.atomic():
                operations.decide(EVERYBODY, Frame.at(now), run_id=f"run_{now:%m%d}")
        elif event == "post":
            evaluate_activity(activity, chapters[activity.mentor.organization_id], now=now)
            tell_what_is_due(now)
        else:
            withdraw(Activity.objects.get(activity_id=activity.activity_id), now=now)
    rows = Decision.objects.values_list("decided_at", "mentor_id", "rule_version_id", "subject", "occasion", "reason")
    recorded = {instant: set() for instant in instants}
    for decided_at, *decision in rows:
        recorded[max(instant for instant in instants if instant <= decided_at)].add(tuple(decision))
    return recorded


def tell_what_is_due(now: datetime) -> None:
    due = Decision.objects.filter(outcome="pending", scheduled_for__lte=now)
    for row in due.order_by("scheduled_for", "id"):
        due_at = max(row.scheduled_for, row.decided_at)
        reason = no_longer_due([row.pk], now=due_at).get(row.pk, "")
        settle([row.pk], told=not reason, reason=reason, now=due_at)


def as_set(rows) -> set:
    return {(row.mentor_id, row.version.pk, row.subject, row.occasion, row.reason) for row in rows}


@pytest.fixture
def lived():
    """Forty days of runs and posted activities: the instants of the runs, and what each day decided."""
    people = make_world(BEGINS, LENGTH, size=12)
    chapters = {mentor.organization_id: make_chapter(mentor.organization) for mentor in people[:2]}
    make_rules_for_activities(chapters[people[0].organization_id])
    rng = random.Random(3)
    posts = [posted(rng, rng.choice(people), number) for number in range(150)]
    instants = [BEGINS + days(n) for n in range(LENGTH)]
    return instants, live(instants, [post for post in posts if post[0] < instants[-1]], chapters)


def test_a_backtest_of_unchanged_rules_equals_what_runs_and_evaluations_recorded(lived):
    instants, recorded = lived
    of_activities = Decision.objects.filter(evaluation__isnull=False)
    assert {"", "cooldown_active", "outranked", "frequency_capped"} <= set(
        of_activities.values_list("reason", flat=True)
    )
    withdrawn = set(of_activities.filter(outcome="withdrawn").values_list("outcome_reason", flat=True))
    assert {"stale", "no_longer_true"} <= withdrawn, "some must be logged too late, some taken back"
    before = list(Decision.objects.order_by("pk").values()), Evaluation.objects.count()

    def simulated(moments):
        return {day.instant: as_set(day.decisions) for day in backtest(moments, now=instants[-1])}

    assert simulated(instants) == recorded
    half = instants[LENGTH // 2 :]
    assert simulated(half) == {instant: recorded[instant] for instant in half}
    assert (list(Decision.objects.order_by("pk").values()), Evaluation.objects.count()) == before


def test_an_unchanged_rule_in_its_own_place_decides_what_it_did(lived):
    instants, recorded = lived
    rule = RuleVersion.objects.get(scenario_id="mood").rule
    simulated = backtest(instants, now=instants[-1], draft=draft_of(rule))
    mine = [
        {row[2:] + row[:1] for row in recorded[day.instant] if row[1] == rule.versions.get().pk} for day in simulated
    ]
    tried = [
        {
            (row.subject, row.occasion, row.reason, row.mentor_id)
            for row in day.decisions
            if row.version.rule_id == rule.pk
        }
        for day in simulated
    ]
    assert any(mine)
    for decided, again in zip(mine, tried, strict=True):
        assert decided <= again, "what nobody had evaluated comes on top"


def test_a_rule_that_is_not_saved_says_on_which_activities_it_would_have_fired():
    mentor = make_mentor()
    long, short, early = (
        make_activity(mentor, completed_at=NOW - days(ago), duration_seconds=seconds)
        for ago, seconds in ((3, 7_200), (2, 600), (31, 7_200))
    )
    rule = make_rule("group_activity")
    draft = RuleVersion(**{**rule.terms(), "trigger_type": "long_session", "scenario_id": "long"})
    tried = try_on_activities(draft, now=NOW)
    assert [(row.occasion, row.reason, row.logged_at) for row in tried.rows] == [(long.activity_id, "", NOW - days(3))]
    assert (tried.weighed, tried.total) == (2, 2)
    assert preview(draft, now=NOW) == tried.rows
    assert {short, early}
    assert not Decision.objects.exists()
    assert not Evaluation.objects.exists()
    assert RuleVersion.objects.count() == 1


def test_the_second_of_two_within_the_cooldown_is_held_back():
    mentor = make_mentor()
    for ago in (3, 2):
        make_activity(mentor, completed_at=NOW - days(ago), duration_seconds=7_200)
    rule = make_rule("long_session", cooldown_days=7)
    assert [row.reason for row in preview(draft_of(rule), now=NOW)] == ["", "cooldown_active"]
    assert [row.reason for row in preview(draft_of(rule, cooldown_days=0), now=NOW)] == ["", ""]


def test_only_what_was_logged_where_the_rule_holds_is_weighed():
    organization = make_organization()
    home, other = make_chapter(organization), make_chapter(organization)
    here, there, elsewhere = make_mentor(organization), make_mentor(organization), make_mentor()
    make_membership(here, home)
    make_membership(there, other)
    for mentor in (here, there, elsewhere):
        make_activity(mentor, completed_at=NOW - days(1), duration_seconds=7_200)
    rule = make_rule("long_session")

    def told(**scope) -> tuple[list, int]:
        tried = try_on_activities(draft_of(rule, **scope), now=NOW)
        return [row.mentor_id for row in tried.rows], tried.total

    assert told() == ([here.pk, there.pk, elsewhere.pk], 3)
    assert told(organization_id=organization.pk) == ([here.pk, there.pk], 2)
    assert told(organization_id=organization.pk, chapter_id=home.pk) == ([here.pk], 1)


def test_of_very_many_the_newest_are_weighed_and_all_are_counted(monkeypatch):
    mentor = make_mentor()
    for ago in (4, 3, 2):
        make_activity(mentor, completed_at=NOW - days(ago), duration_seconds=7_200)
    monkeypatch.setattr(previewing, "MOST_TRIED", 2)
    monkeypatch.setattr(backtesting, "MOST_RELOGGED", 1)
    draft = draft_of(make_rule("long_session", cooldown_days=0))
    tried = try_on_activities(draft, now=NOW)
    assert [row.logged_at for row in tried.rows] == [NOW - days(3), NOW - days(2)]
    assert (tried.weighed, tried.total) == (2, 3)
    instants = [NOW - days(5), NOW - days(1)]
    assert relogged_of(instants, now=NOW, draft=draft) == (1, 3)
    assert [day.relogged for day in backtest(instants, now=NOW, draft=draft)] == [1, 0]


def test_a_correction_is_no_second_activity():
    mentor = make_mentor()
    first = make_activity(
        mentor, completed_at=NOW - days(3), duration_seconds=7_200, withdrawn_at=NOW - days(2), activity_id="act_twice"
    )
    make_activity(
        mentor,
        completed_at=first.completed_at,
        recorded_at=NOW - days(2),
        duration_seconds=9_000,
        activity_id="act_twice",
    )
    assert try_on_activities(draft_of(make_rule("long_session")), now=NOW).total == 1


def test_hindsight_leaves_out_what_was_taken_back():
    make_activity(make_mentor(), completed_at=NOW - days(2.5), duration_seconds=7_200, withdrawn_at=NOW - days(1))
    draft = draft_of(make_rule("long_session"))
    instants = [NOW - days(3)]
    (as_known,) = backtest(instants, now=NOW, draft=draft)
    (hindsight,) = backtest(instants, now=NOW, draft=draft, hindsight=True)
    assert (len(as_known.decisions), len(hindsight.decisions)) == (1, 0)
