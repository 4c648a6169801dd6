"""Milestones: the highest that is reached this year, told once, and never one that was already passed."""

from datetime import UTC, datetime, timedelta

import pytest

from scenarios.models import Activity, Decision
from scenarios.operations import no_longer_due, settle
from tests.factories import NOW, days, make_activity, make_mentor, make_organization, make_rule
from tests.scenarios.weighing import decide, fires_on

pytestmark = pytest.mark.django_db
YESTERDAY = NOW - days(1)


def make_milestones(counts=(3, 5), **fields):
    return make_rule("milestone", parameters={"counts": list(counts)}, cooldown_days=0, **fields)


def log(mentor, number: int, at=YESTERDAY) -> None:
    for n in range(number):
        make_activity(mentor, completed_at=at - timedelta(minutes=n))


def told(mentor) -> list[str]:
    return list(mentor.decisions.filter(reason="").order_by("id").values_list("occasion", flat=True))


@pytest.fixture
def mentor():
    return make_mentor(make_organization(weekly_cap=50))


@pytest.mark.parametrize(("number", "fires"), [(0, False), (2, False), (3, True), (4, True)])
def test_fires_when_the_count_is_reached(mentor, number, fires):
    make_milestones()
    log(mentor, number)
    assert fires_on(mentor) is fires


def test_the_highest_that_is_reached_is_told_and_those_below_are_passed(mentor):
    make_milestones()
    log(mentor, 6)
    for day in range(3):
        decide(mentor, at=NOW + days(day), run_id=f"run_{day}")
    assert told(mentor) == ["2026:5"]
    assert Decision.objects.count() == 1, "a milestone that was told leaves no further decision"


def test_each_is_told_once_as_the_year_goes_on(mentor):
    make_milestones()
    for day in range(6):
        log(mentor, 1, at=NOW + days(day))
        decide(mentor, at=NOW + days(day), run_id=f"run_{day}")
    assert told(mentor) == ["2026:3", "2026:5"]


def test_a_lower_one_is_not_told_after_an_activity_was_taken_back(mentor):
    make_milestones()
    log(mentor, 5)
    decide(mentor)
    Activity.objects.filter(pk=Activity.objects.first().pk).update(withdrawn_at=NOW + timedelta(hours=1))
    decide(mentor, at=NOW + days(1), run_id="run_2")
    assert told(mentor) == ["2026:5"]


def test_one_that_was_withdrawn_is_told_again(mentor):
    make_milestones()
    log(mentor, 3)
    decide(mentor)
    settle(list(Decision.objects.values_list("pk", flat=True)), told=False, reason="held", now=NOW)
    decide(mentor, at=NOW + days(1), run_id="run_2")
    assert told(mentor) == ["2026:3", "2026:3"]


def test_the_year_is_the_calendar_year_in_the_organisations_zone():
    make_milestones(counts=(1,))
    new_year_in_oslo = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)
    for zone, before, after in (
        ("Europe/Oslo", new_year_in_oslo - timedelta(seconds=1), new_year_in_oslo),
        ("America/New_York", new_year_in_oslo, new_year_in_oslo + timedelta(hours=6)),
    ):
        organization = make_organization(time_zone=zone)
        late, early = make_mentor(organization), make_mentor(organization)
        make_activity(late, completed_at=before)
        make_activity(early, completed_at=after)
        assert not fires_on(late), zone
        assert fires_on(early), zone


def test_only_the_kinds_that_the_rule_names_are_counted(mentor):
    make_rule("milestone", parameters={"counts": [2], "activity_types": ["visit"]})
    log(mentor, 1)
    make_activity(mentor, activity_type="phone", completed_at=NOW - days(2))
    assert not fires_on(mentor)


def test_one_that_is_no_longer_reached_is_not_told_although_a_lower_one_is(mentor):
    """Both wait to be told, and an activity is taken back: nobody is congratulated on what they haven't reached."""
    make_milestones()
    log(mentor, 3)
    decide(mentor)
    log(mentor, 2)
    decide(mentor, at=NOW + days(1), run_id="run_2")
    assert told(mentor) == ["2026:3", "2026:5"]
    Activity.objects.filter(pk=Activity.objects.first().pk).update(withdrawn_at=NOW + days(1.5))
    waiting = dict(Decision.objects.filter(outcome="pending").values_list("occasion", "pk"))
    reasons = no_longer_due(list(waiting.values()), now=NOW + days(2))
    assert reasons == {waiting["2026:5"]: "no_longer_true"}
