"""The trigger types that look at the judged activity itself, each at its edges and with the field missing."""

import pytest

from scenarios import triggers
from tests.factories import NOW, days, make_activity, make_mentor, make_rule
from tests.scenarios.weighing import activity, matches, reading_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("slug", "parameters", "fields", "fires"),
    [
        ("activity_completed", {}, {}, True),
        ("activity_completed", {"activity_types": ["run"]}, {"activity_type": "run"}, True),
        ("activity_completed", {"activity_types": ["run"]}, {"activity_type": "walk"}, False),
        ("activity_completed", {"min_distance_meters": 16_000}, {"distance_meters": 15_999}, False),
        ("activity_completed", {"min_distance_meters": 16_000}, {"distance_meters": 16_000}, True),
        ("activity_completed", {"min_distance_meters": 16_000}, {}, False),
        ("activity_completed", {"min_minutes": 30}, {"duration_seconds": 1_799}, False),
        ("activity_completed", {"min_minutes": 30}, {"duration_seconds": 1_800}, True),
        ("activity_completed", {"max_minutes": 30}, {"duration_seconds": 1_800}, True),
        ("activity_completed", {"max_minutes": 30}, {"duration_seconds": 1_801}, False),
        ("activity_completed", {"max_minutes": 30}, {}, False),
        ("activity_completed", {"contact_types": ["phone"]}, {"contact_type": "phone"}, True),
        ("activity_completed", {"contact_types": ["phone"]}, {"contact_type": ""}, False),
        ("activity_completed", {"contact_types": ["*"]}, {"contact_type": "anything"}, True),
        ("long_session", {}, {"duration_seconds": 3_599}, False),
        ("long_session", {}, {"duration_seconds": 3_600}, True),
        ("long_session", {"min_duration_minutes": 90}, {"duration_seconds": 3_600}, False),
        ("long_session", {}, {}, False),
        ("wellbeing_flag", {"flags": ["low_mood", "pain"]}, {"wellbeing_flags": ["pain", "sleep"]}, True),
        ("wellbeing_flag", {"flags": ["low_mood", "pain"], "mode": "all"}, {"wellbeing_flags": ["pain"]}, False),
        ("wellbeing_flag", {"flags": ["pain"], "mode": "all"}, {"wellbeing_flags": ["sleep", "pain"]}, True),
        ("wellbeing_flag", {"flags": ["pain"]}, {"wellbeing_flags": []}, False),
        ("group_activity", {}, {"is_group": True}, True),
        ("group_activity", {}, {"is_group": False}, False),
        ("group_activity", {}, {}, False),
        ("group_activity", {"min_participants": 3}, {"is_group": True, "participants": 2}, False),
        ("group_activity", {"min_participants": 3}, {"is_group": True, "participants": 3}, True),
        ("group_activity", {"min_participants": 3}, {"is_group": True}, False),
        ("first_contact", {}, {"contact_id": "contact_1"}, True),
        ("first_contact", {}, {"contact_id": ""}, False),
    ],
)
def test_fires_on_what_the_rule_names(slug, parameters, fields, fires):
    make_rule(slug, judged="activity", parameters=parameters)
    assert matches(make_mentor(), **fields) is fires


def test_a_first_contact_is_first_whatever_the_earlier_kind_was():
    make_rule("first_contact", parameters={"activity_types": ["visit"]})
    mentor = make_mentor()
    make_activity(mentor, activity_type="phone", contact_id="contact_1", completed_at=NOW - days(3))
    make_activity(mentor, contact_id="contact_2", completed_at=NOW + days(3))
    make_activity(make_mentor(), contact_id="contact_3", completed_at=NOW - days(3))
    assert not matches(mentor, contact_id="contact_1")
    assert matches(mentor, contact_id="contact_2"), "a later one is not before it"
    assert matches(mentor, contact_id="contact_3"), "another mentor's contact is not this mentor's"


def test_only_the_first_of_its_sort_can_be_asked_for():
    make_rule("activity_completed", parameters={"activity_types": ["run"], "first_only": True})
    mentor = make_mentor()
    make_activity(mentor, activity_type="walk", completed_at=NOW - days(3))
    assert matches(mentor, activity_type="run")
    make_activity(mentor, activity_type="run", completed_at=NOW - days(2))
    assert not matches(mentor, activity_type="run")


def test_a_chapters_rule_holds_for_activities_posted_to_that_chapter():
    chapter_rule = make_rule("group_activity")
    from tests.factories import make_chapter

    chapter = make_chapter()
    chapter_rule.versions.update(chapter=chapter, organization=chapter.organization)
    mentor = make_mentor(chapter.organization)
    assert reading_of(activity(mentor, is_group=True), chapter_id=chapter.pk) is not None
    assert reading_of(activity(mentor, is_group=True), chapter_id="ch_elsewhere") is None


@pytest.mark.parametrize("slug", [slug for slug, kind in triggers.registry.items() if "activity" in kind.judged])
def test_every_reading_of_an_activity_is_explained(slug):
    rule = make_rule(slug, judged="activity")
    mentor = make_mentor()
    reading = reading_of(
        activity(mentor, contact_id="c", duration_seconds=7_200, wellbeing_flags=["low_mood"], is_group=True)
    )
    sentence = rule.trigger.explain(reading, rule, mentor.organization.zone)
    assert sentence.endswith(".")
    assert "%(" not in sentence
