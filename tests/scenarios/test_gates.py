"""The gates: who is left alone although a rule fired, in which order, and exactly until when."""

from datetime import UTC, datetime, timedelta

import pytest

from scenarios.models import Decision
from scenarios.operations import evaluate_activity, save_rule, settle
from tests.factories import (
    NOW,
    days,
    make_certification,
    make_chapter,
    make_human_contact,
    make_mentor,
    make_opt_out,
    make_organization,
    make_pause,
    make_rule,
)
from tests.scenarios.weighing import activity, decide, reason_for, reasons

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def rule():
    return make_rule("inactivity", cooldown_days=10)


@pytest.fixture
def idle(rule):
    return make_mentor(idle_for=days(20))


def tell(run_id: str, at: datetime = NOW) -> None:
    """Let everything that the run decided be told."""
    settle(list(Decision.objects.filter(run_id=run_id).values_list("pk", flat=True)), told=True, now=at)


def test_an_idle_mentor_is_told(idle):
    assert reason_for(idle) == ""


def test_who_left_is_left_alone_from_that_moment(idle):
    idle.left_at = idle.left_recorded_at = NOW
    idle.save()
    assert reason_for(idle) == "mentor_left"
    assert reason_for(idle, at=NOW - MOMENT, run_id="run_before") == ""


def test_who_is_paused_is_left_alone(idle):
    make_pause(idle, starts_at=NOW, ends_at=NOW + days(1))
    assert reason_for(idle) == "mentor_paused"
    assert reason_for(idle, at=NOW - MOMENT, run_id="run_before") == ""


def test_an_opt_out_counts_for_everything_or_for_one_trigger_type(rule):
    cast = {trigger_type: make_mentor(idle_for=days(20)) for trigger_type in ("", "inactivity", "certification_expiry")}
    for trigger_type, mentor in cast.items():
        make_opt_out(mentor, trigger_type)
    found = {trigger_type: reason_for(mentor) for trigger_type, mentor in cast.items()}
    assert found == {"": "user_opted_out", "inactivity": "user_opted_out", "certification_expiry": ""}


def test_an_opt_out_holds_from_its_recording_until_it_is_withdrawn(idle):
    make_opt_out(idle, recorded_at=NOW - days(2), withdrawn_at=NOW)
    assert reason_for(idle, at=NOW - MOMENT) == "user_opted_out"
    assert reason_for(idle, run_id="run_after") == ""


@pytest.mark.parametrize(("days_ago", "reason"), [(0, "human_contact"), (6, "human_contact"), (7, ""), (30, "")])
def test_a_conversation_silences_us_for_the_organisations_number_of_days(rule, days_ago, reason):
    mentor = make_mentor(make_organization(human_contact_days=7), idle_for=days(40))
    make_human_contact(mentor, contacted_at=NOW - days(days_ago))
    assert reason_for(mentor) == reason


def test_the_latest_conversation_counts(idle):
    for ago in (2, 90):
        make_human_contact(idle, contacted_at=NOW - days(ago))
    assert reason_for(idle) == "human_contact"


def test_the_same_day_is_one_occasion(idle):
    assert reason_for(idle) == ""
    assert reason_for(idle, at=NOW + timedelta(hours=3), run_id="run_2") == "already_told"


def test_the_day_of_an_occasion_is_the_organisations(rule):
    late_evening_in_oslo = datetime(2026, 3, 25, 22, 59, tzinfo=UTC)
    rule.cooldown_days = 0
    rule.versions.update(cooldown_days=0)
    organization = make_organization(time_zone="Europe/Oslo", min_hours_between_messages=0)
    mentor = make_mentor(organization, idle_for=days(40))
    assert reason_for(mentor, at=late_evening_in_oslo) == ""
    assert reason_for(mentor, at=late_evening_in_oslo + timedelta(minutes=1), run_id="run_2") == ""


@pytest.mark.parametrize(("days_later", "reason"), [(1, "cooldown_active"), (9, "cooldown_active"), (10, "")])
def test_the_cooldown_passes_exactly_at_its_boundary_in_calendar_days(idle, days_later, reason):
    decide(idle)
    tell("run_1")
    # Nine hours earlier in the day than it was told: the calendar counts, and not the hours.
    at = NOW + days(days_later) - timedelta(hours=9)
    assert reason_for(idle, at=at, run_id="run_2") == reason


def test_a_message_that_waits_starts_the_cooldown_too(idle):
    decide(idle)
    assert reason_for(idle, at=NOW + days(2), run_id="run_2") == "cooldown_active"


def test_a_withdrawn_message_gives_the_occasion_and_the_cooldown_back(idle):
    decide(idle)
    settle(list(Decision.objects.values_list("pk", flat=True)), told=False, reason="held", now=NOW)
    assert reason_for(idle, run_id="run_2") == ""


def test_a_stamp_in_the_future_blocks(idle):
    decide(idle)
    tell("run_1", at=NOW + days(50))
    assert reason_for(idle, at=NOW + days(20), run_id="run_2") == "cooldown_active"


def test_one_certification_never_blocks_another():
    make_rule("certification_expiry", cooldown_days=30)
    mentor = make_mentor(make_organization(weekly_cap=50))
    make_certification(mentor, kind="Basic course", expires_at=NOW + days(10))
    decide(mentor)
    make_certification(mentor, kind="Hearing aids", expires_at=NOW + days(12), recorded_at=NOW)
    decide(mentor, at=NOW + days(1), run_id="run_2")
    told = Decision.objects.filter(run_id="run_2").values_list("readings__kind", "reason")
    assert dict(told) == {"Basic course": "cooldown_active", "Hearing aids": ""}


def test_another_rule_of_the_same_scenario_keeps_the_cooldown(idle):
    decide(idle)
    make_rule(
        "inactivity", threshold_days=10, scenario_id=idle.decisions.get().rule.scenario_id, cooldown_days=10,
        organization=idle.organization,
    )  # fmt: skip
    assert reason_for(idle, at=NOW + days(1), run_id="run_2") == "cooldown_active"


def test_the_smallest_priority_number_goes_first_and_the_others_are_outranked():
    make_rule("inactivity", priority=5, scenario_id="idle")
    make_rule("certification_expiry", priority=2, scenario_id="expiring")
    make_rule("inactivity", priority=9, threshold_days=3, scenario_id="idle_soon")
    mentor = make_mentor(idle_for=days(20))
    make_certification(mentor, expires_at=NOW + days(5))
    decide(mentor)
    assert reasons() == {"expiring": "", "idle": "outranked", "idle_soon": "outranked"}


def test_what_was_outranked_does_not_slip_through_in_a_second_run_of_the_day():
    make_rule("inactivity", priority=5, scenario_id="idle")
    make_rule("certification_expiry", priority=2, scenario_id="expiring")
    mentor = make_mentor(idle_for=days(20))
    make_certification(mentor, expires_at=NOW + days(5))
    decide(mentor)
    decide(mentor, at=NOW + timedelta(hours=2), run_id="run_2")
    assert reasons("run_2") == {"expiring": "already_told", "idle": "outranked"}
    decide(mentor, at=NOW + days(1), run_id="run_3")
    assert reasons("run_3") == {"expiring": "cooldown_active", "idle": ""}


def test_a_tie_goes_to_the_smaller_rule_id():
    for name in "ba":
        make_rule("inactivity", id=f"rule_{name}", priority=5, scenario_id=name)
    decide(make_mentor(idle_for=days(20)))
    assert reasons() == {"a": "", "b": "outranked"}


def test_who_is_held_back_by_a_gate_outranks_nobody():
    make_rule("inactivity", priority=1, scenario_id="idle")
    make_rule("certification_expiry", priority=2, scenario_id="expiring")
    mentor = make_mentor(idle_for=days(20))
    make_opt_out(mentor, "inactivity")
    make_certification(mentor, expires_at=NOW + days(5))
    decide(mentor)
    assert reasons() == {"idle": "user_opted_out", "expiring": ""}


def test_a_mentor_hears_no_more_in_seven_days_than_the_organisation_wants():
    rule = make_rule("inactivity", cooldown_days=0)
    mentor = make_mentor(make_organization(weekly_cap=2), idle_for=days(40))
    found = [reason_for(mentor, at=NOW + days(day), run_id=f"run_{day}") for day in (0, 3, 6, 7, 8)]
    assert found == ["", "", "frequency_capped", "", "frequency_capped"]
    assert rule.decisions.count() == 5


def test_a_cap_of_zero_tells_nobody(rule):
    assert reason_for(make_mentor(make_organization(weekly_cap=0), idle_for=days(40))) == "frequency_capped"


def two_messages(apart: timedelta, *, hours: int = 24, at: datetime = NOW, zone: str = "Europe/Oslo") -> str:
    """Let one rule write to a mentor, and return what becomes of another rule's message so long after it."""
    first = make_rule("inactivity", scenario_id="first", cooldown_days=30)
    mentor = make_mentor(make_organization(min_hours_between_messages=hours, time_zone=zone), idle_for=days(40), now=at)
    assert reason_for(mentor, at=at) == ""
    settle([mentor.decisions.get().pk], told=True, now=at)
    first.state = "off"
    save_rule(first, now=at)
    make_rule("inactivity", scenario_id="second", cooldown_days=30)
    return reason_for(mentor, at=at + apart, run_id="run_2")


@pytest.mark.parametrize(
    ("apart", "reason"),
    [
        (timedelta(hours=24, minutes=-10) - MOMENT, "frequency_capped"),
        (timedelta(hours=24, minutes=-10), ""),
        (timedelta(hours=24, seconds=-30), ""),
        (timedelta(hours=24), ""),
        (timedelta(hours=24) + MOMENT, ""),
    ],
)
def test_two_messages_to_one_mentor_are_so_many_hours_apart_but_for_some_minutes(apart, reason):
    assert two_messages(apart) == reason


@pytest.mark.parametrize(("hours", "reason"), [(0, ""), (13, ""), (14, "frequency_capped"), (720, "frequency_capped")])
def test_the_organisation_says_how_many_hours(hours, reason):
    # From noon until after midnight: another local day.
    assert two_messages(timedelta(hours=13), hours=hours) == reason


def test_a_daily_run_at_the_same_time_passes_on_the_nights_when_the_clocks_change():
    before_spring = datetime(2026, 3, 28, 5, tzinfo=UTC)
    assert two_messages(timedelta(hours=23), at=before_spring) == "", "06:00 on both days"


def test_a_message_that_waits_keeps_its_distance_in_both_directions():
    make_rule("inactivity", scenario_id="later", delay_hours=48, cooldown_days=30, priority=1)
    mentor = make_mentor(idle_for=days(40))
    assert reason_for(mentor) == ""
    make_rule("inactivity", scenario_id="now", cooldown_days=30, priority=2)
    for day, reason in ((1, ""), (2, "frequency_capped")):
        at = NOW + days(day)
        decide(mentor, at=at, run_id=f"on_day_{day}")
        assert reasons(f"on_day_{day}")["now"] == reason
        Decision.objects.filter(run_id=f"on_day_{day}").delete()


def test_a_message_that_was_withdrawn_makes_nobody_wait():
    make_rule("inactivity", scenario_id="first", cooldown_days=0)
    mentor = make_mentor(make_organization(min_hours_between_messages=72), idle_for=days(40))
    decide(mentor)
    settle([mentor.decisions.get().pk], told=False, reason="held", now=NOW)
    assert reason_for(mentor, at=NOW + days(1), run_id="run_2") == ""
    assert reason_for(mentor, at=NOW + days(2), run_id="run_3") == "frequency_capped"


def test_an_answer_to_an_activity_neither_waits_nor_makes_others_wait():
    chapter = make_chapter(make_organization(weekly_cap=50))
    mentor = make_mentor(chapter.organization, idle_for=days(40))
    make_rule("activity_missed", scenario_id="back", judged="activity", cooldown_days=0)
    make_rule("activity_missed", scenario_id="quiet", judged="daily", cooldown_days=0)
    evaluate_activity(activity(mentor, activity_id="act_1", completed_at=NOW - days(20)), chapter, now=NOW)
    assert reason_for(mentor) == ""
    evaluate_activity(activity(mentor, activity_id="act_2", completed_at=NOW), chapter, now=NOW)
    assert list(Decision.objects.values_list("reason", flat=True)) == ["", "", ""]


def test_the_first_gate_in_order_gives_the_reason(idle):
    make_pause(idle, starts_at=NOW - days(1))
    make_opt_out(idle)
    make_human_contact(idle, contacted_at=NOW - days(1))
    assert reason_for(idle) == "mentor_paused"
