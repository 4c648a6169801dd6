"""Parameters: typed, within their range, each complaint naming its own."""

import pytest

from scenarios.triggers import get
from scenarios.triggers.parameters import Choice, Whole, Words, YesNo
from tests.factories import make_rule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("slug", "parameters", "named"),
    [
        ("long_session", {"min_duration_minutes": 0}, "minutes"),
        ("long_session", {"min_duration_minutes": "60"}, "minutes"),
        ("long_session", {"min_duration_minutes": True}, "minutes"),
        ("below_weekly_target", {"threshold_percent": 101}, "percent"),
        ("below_weekly_target", {"amount": "steps"}, "counted"),
        ("wellbeing_flag", {}, "flags"),
        ("wellbeing_flag", {"flags": "pain"}, "flags"),
        ("wellbeing_flag", {"flags": ["x" * 51]}, "flags"),
        ("activity_completed", {"first_only": "yes"}, "first"),
        ("inactivity", {"sql": "1=1"}, "sql"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(slug, parameters, named):
    rule = make_rule(slug)
    rule.parameters = parameters
    (complaint,) = rule.trigger.complaints(rule)["parameters"]
    assert named in complaint


def test_the_edges_of_a_range_are_allowed():
    assert Whole("n", least=1, most=3).clean(1) == 1
    assert Whole("n", least=1, most=3).clean(3) == 3


def test_what_is_not_given_takes_its_default():
    rule = make_rule("below_weekly_target", parameters={})
    assert get("below_weekly_target").given(rule) == {
        "activity_types": None,
        "contact_types": None,
        "min_minutes": None,
        "max_minutes": None,
        "amount": "distance",
        "threshold_percent": 100,
        "weekly_target": None,
    }


@pytest.mark.parametrize(
    ("parameter", "typed", "value"),
    [
        (Words("words"), "run,  bike, run,", ("run", "bike")),
        (Whole("n"), "7", 7),
        (YesNo("yes"), "on", True),
        (Choice("c", choices=(("a", "A"), ("b", "B"))), "b", "b"),
    ],
    ids=["words", "whole", "yes or no", "choice"],
)
def test_what_staff_type_into_the_form_becomes_the_same_value(parameter, typed, value):
    assert parameter.clean(parameter.form_field().clean(typed)) == value
