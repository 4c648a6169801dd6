"""A new trigger type is one class and nothing else: found, offered, validated, previewed, decided, explained."""

from datetime import timedelta

import pytest

from scenarios import triggers
from scenarios.measures import INSTANT, JOINED, Elapsed
from scenarios.models import Decision, Rule, RuleVersion
from scenarios.triggers.base import Trigger
from scenarios.triggers.parameters import Whole
from scenarios.what_if import preview
from tests.factories import NOW, days, make_mentor, make_rule
from tests.scenarios.weighing import decide

pytestmark = pytest.mark.django_db


class Newcomer(Trigger):
    """Time since a mentor joined."""

    slug = "newcomer"
    label = "Somebody is new"
    who = "a mentor who joined %(threshold)d days ago"
    sentence = "Joined %(days)d days ago; the rule waits for %(threshold)d."
    parameters = {"cups": Whole("cups of coffee", least=1, most=3)}

    def measure(self, terms):
        return Elapsed(JOINED, INSTANT)


@pytest.fixture(autouse=True)
def newcomer():
    triggers.register(Newcomer)
    yield
    del triggers.registry[Newcomer.slug]


@pytest.fixture
def mentor():
    return make_mentor(joined_at=NOW - days(14))


def test_it_is_offered_where_staff_choose():
    assert ("newcomer", "Somebody is new") in triggers.choices()
    assert ("newcomer", "Somebody is new") in Rule._meta.get_field("trigger_type").choices


def test_its_parameters_are_validated():
    rule = make_rule("newcomer", parameters={"cups": 4})
    assert "cups of coffee" in rule.trigger.complaints(rule)["parameters"][0]


def test_it_is_previewed_and_decided_and_explained(mentor):
    rule = make_rule("newcomer", threshold_days=14)
    draft = RuleVersion(rule_id=rule.pk, **rule.terms())
    assert [row.user_id for row in preview(draft, now=NOW)] == [mentor.user_id]
    assert preview(draft, now=NOW - timedelta(microseconds=1)) == []
    decide()
    decision = Decision.objects.get()
    assert decision.mentor == mentor
    assert rule.sentence.startswith("Every day: a mentor who joined 14 days ago hears from us")
    assert "Joined 14 days ago" in rule.trigger.explain(
        decision.readings, decision.rule_version, mentor.organization.zone
    )


def test_two_types_cannot_share_a_slug():
    class Impostor(Newcomer):
        pass

    with pytest.raises(ValueError, match="defined twice"):
        triggers.register(Impostor)
