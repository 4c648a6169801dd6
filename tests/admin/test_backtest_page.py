"""What the last days would have brought, in the numbers of the backtest, with names; nothing is written."""

import pytest
from django.urls import reverse
from django.utils import timezone

from scenarios.models import Decision, RuleVersion
from scenarios.what_if import backtest, backtesting
from scheduler import days as calendar
from tests.admin.pages import address, change_address
from tests.factories import days, make_activity, make_contact, make_mentor, make_opt_out, make_rule

pytestmark = pytest.mark.django_db
NEEDED = ("scenarios.view_rule", "scenarios.view_decision", "scenarios.view_peermentor")


@pytest.fixture
def rule():
    return make_rule(threshold_days=14, cooldown_days=3)


@pytest.fixture
def mentor(rule):
    mentor = make_mentor(idle_for=days(60), now=timezone.now())
    make_contact(mentor, name="Kari Nordmann")
    return mentor


def ask(client, **asked):
    return client.get(reverse("admin:scenarios_rule_backtest"), asked)


def numbers(page) -> list:
    return [(day["told"], day["held"]) for day in page.context["days"]]


def expected(number, rule=None, *, hindsight=False) -> list:
    now = timezone.now()
    instants = calendar.instants_of(calendar.last_days(number, now=now), now=now)
    draft = RuleVersion(rule_id=rule.pk, **rule.terms()) if rule else None
    simulated = backtest(instants, now=now, draft=draft, hindsight=hindsight)
    rows = [[r for r in day.decisions if rule is None or r.version.rule_id == rule.pk] for day in simulated]
    return [(sum(not r.reason for r in day), sum(bool(r.reason) for r in day)) for day in rows]


@pytest.mark.parametrize("number", [7, 30, 90])
def test_the_numbers_are_those_of_the_backtest(admin_client, mentor, number):
    make_opt_out(make_mentor(idle_for=days(40), now=timezone.now()))
    make_rule("inactivity", threshold_days=50, priority=1)
    page = ask(admin_client, days=number)
    assert numbers(page) == expected(number)
    assert page.context["total"]["told"] == sum(told for told, _held in expected(number)) > 0
    assert not Decision.objects.exists()


def test_one_rule_is_asked_as_it_is_now_and_alone(admin_client, rule, mentor):
    make_rule("inactivity", threshold_days=50, priority=20)
    late = make_rule("inactivity", threshold_days=20, valid_from=timezone.now(), priority=1)
    assert numbers(ask(admin_client, days=7, rule=late.pk)) == expected(7, late)
    assert sum(told for told, _held in expected(7, late)) > 0, (
        "it wasn't there on those days, and is asked all the same"
    )


def test_who_would_have_been_told_most_is_named(admin_client, mentor):
    page = ask(admin_client, days=30)
    (row,) = page.context["most_told"]
    assert (row["name"], row["told"]) == ("Kari Nordmann", page.context["total"]["told"])


def test_hindsight_is_offered_with_its_reason_and_named_in_the_answer(admin_client, mentor):
    now = timezone.now()
    page = ask(admin_client, days=7)
    assert "As known: each day" in page.content.decode()
    assert "more than a day late" not in page.content.decode()
    make_activity(mentor, completed_at=now - days(9), recorded_at=now - days(3))
    page = ask(admin_client, days=7)
    assert "1 activity of this time was logged more than a day late" in page.content.decode()
    assert "mode=hindsight" in page.context["other_mode_url"]
    hindsight = ask(admin_client, days=7, mode="hindsight")
    assert "With hindsight: each day" in hindsight.content.decode()
    assert numbers(hindsight) == expected(7, hindsight=True) != numbers(page)


def test_a_rule_that_waits_for_activities_is_asked_on_those_that_were_logged(admin_client):
    now = timezone.now()
    mentor = make_mentor()
    make_contact(mentor, name="Kari Nordmann")
    for ago in (5, 4, 3):
        make_activity(mentor, completed_at=now - days(ago), duration_seconds=7_200)
    rule = make_rule("long_session", cooldown_days=2)
    page = ask(admin_client, days=7, rule=rule.pk)
    assert numbers(page) == expected(7, rule)
    assert (page.context["total"]["told"], page.context["total"]["held"]) == (2, 1)
    assert "3 activities were weighed too, each when it became known." in page.content.decode()
    assert not Decision.objects.exists()
    assert ask(admin_client, days=7).context["total"]["told"] == 0, "nobody had them evaluated"


def test_how_many_activities_were_left_out_is_said(admin_client, monkeypatch):
    monkeypatch.setattr(backtesting, "MOST_RELOGGED", 1)
    for ago in (5, 4, 3):
        make_activity(make_mentor(), completed_at=timezone.now() - days(ago), duration_seconds=7_200)
    page = ask(admin_client, days=7, rule=make_rule("long_session").pk)
    assert page.context["total"]["told"] == 1
    assert "Of 3 activities only the newest 1 were weighed" in page.content.decode()


def test_nothing_is_weighed_before_somebody_asks(admin_client, rule):
    page = ask(admin_client, rule=rule.pk)
    assert "days" not in page.context
    assert page.context["form"]["rule"].value() == rule.pk


@pytest.mark.parametrize("asked", [{"days": "8"}, {"days": "7", "rule": "rule_nowhere"}, {"days": "7", "mode": "x"}])
def test_what_can_not_be_asked_is_said(admin_client, rule, asked):
    page = ask(admin_client, **asked)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert "most_told" not in page.context


def test_the_list_and_the_rules_page_lead_here(admin_client, rule):
    assert (
        reverse("admin:scenarios_rule_look_back")
        in admin_client.get(address(type(rule), "changelist")).content.decode()
    )
    url = change_address(rule).replace("/change/", "/look_back_at/")
    answer = admin_client.get(url, follow=True)
    assert answer.context["form"]["rule"].value() == rule.pk


@pytest.mark.parametrize("missing", NEEDED)
def test_who_may_not_see_rules_mentors_and_decisions_is_refused(staff, missing):
    assert ask(staff(*(set(NEEDED) - {missing})), days=7).status_code == 403
