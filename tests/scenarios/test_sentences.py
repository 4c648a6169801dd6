"""What a rule will do, in plain words, from what it says."""

import pytest

from scenarios import triggers
from tests.factories import make_rule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("slug", "fields", "sentence"),
    [
        (
            "inactivity",
            {"threshold_days": 14, "cooldown_days": 30},
            "Every day: a mentor with no activity for 14 days hears from us, at most once every 30 days.",
        ),
        (
            "activity_missed",
            {
                "judged": "activity",
                "threshold_days": 3,
                "delay_hours": 24,
                "cooldown_days": 1,
                "parameters": {"activity_types": ["run", "bike"]},
            },
            (
                "When an activity is logged: a mentor who let 3 days pass without such an activity (run, bike) hears"
                " from us 24 hours later, at most once a day."
            ),
        ),
        (
            "milestone",
            {"parameters": {"counts": [100, 50]}, "cooldown_days": 7, "delay_hours": 1},
            (
                "Every day: a mentor who reaches 50, 100 activities in the calendar year hears from us 1 hour later,"
                " at most once every 7 days."
            ),
        ),
    ],
)
def test_a_rule_says_what_it_will_do(slug, fields, sentence):
    assert make_rule(slug, **fields).sentence == sentence


@pytest.mark.parametrize("slug", list(triggers.registry))
def test_every_type_has_its_words(slug):
    sentence = make_rule(slug).sentence
    assert "%(" not in sentence
    assert "None" not in sentence
