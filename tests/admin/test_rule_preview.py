"""Whom a rule would touch is said before it is saved, by the answer that the run then gives; and nothing is saved."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.pages import preview
from scenarios.models import Decision, Rule, RuleVersion
from scenarios.what_if import previewing
from scheduler.operations import run_one_batch, start_run
from tests.admin.pages import address, change_address, filled_in
from tests.admin.test_rules import errors, new_rule
from tests.factories import (
    days,
    make_activity,
    make_chapter,
    make_contact,
    make_membership,
    make_mentor,
    make_opt_out,
    make_rule,
)

pytestmark = pytest.mark.django_db
ASKED = {"scenarios_rule_preview": ""}
NEEDED = ("scenarios.view_rule", "scenarios.view_decision", "scenarios.view_peermentor")


@pytest.fixture
def now():
    return timezone.now()


def idle(now, *numbers, **fields):
    return [make_mentor(idle_for=days(number), now=now, **fields) for number in numbers]


def ask(client, rule=None, **changes):
    """Press the button on the form of a rule, or of a new one."""
    if rule is None:
        return client.post(address(Rule, "add"), {**new_rule(), **changes, **ASKED})
    url = change_address(rule)
    return client.post(url, {**filled_in(client, url), **changes, **ASKED})


def test_a_new_rule_says_whom_it_would_touch_and_is_not_saved(admin_client, now):
    told, held, _busy = idle(now, 20, 30, 3)
    make_contact(told, name="Kari Nordmann")
    make_membership(told, make_chapter(told.organization, name="Holmlia"))
    make_opt_out(held)
    page = ask(admin_client)
    said = page.context["preview"]
    assert (said["fires"], said["told"]) == (2, 1)
    assert said["held_back"] == [("doesn't want this kind of message", 1)]
    assert [(row["name"], row["where"], row["why_not"]) for row in said["rows"]] == [
        ("Kari Nordmann", "Holmlia", ""),
        (held.user_id, held.organization.name, "doesn't want this kind of message"),
    ]
    assert "No activity logged for 20 days; the rule allows 14." in page.content.decode()
    assert not Rule.objects.exists()
    assert not RuleVersion.objects.exists()
    assert not Decision.objects.exists()


def test_a_changed_rule_is_asked_with_what_is_filled_in_and_stays_as_it_was(admin_client, now):
    rule = make_rule(threshold_days=14)
    idle(now, 9)
    page = ask(admin_client, rule, threshold_days="7")
    assert page.context["preview"]["fires"] == 1
    assert page.context["adminform"].form["threshold_days"].value() == "7", "what was typed is still there"
    rule.refresh_from_db()
    assert rule.threshold_days == 14
    assert rule.versions.count() == 1


def test_whoever_only_asks_need_not_say_why(admin_client, now):
    assert not errors(ask(admin_client, make_rule(), threshold_days="7"))


def test_what_is_promised_is_what_the_run_then_decides(admin_client, now):
    rule = make_rule(threshold_days=14)
    make_rule(threshold_days=25, priority=1)
    people = idle(now, 3, 15, 16, 30, 40)
    make_opt_out(people[1])
    said = ask(admin_client, rule).context["preview"]
    start_run(now=timezone.now())
    run_one_batch(now=timezone.now())
    decided = Decision.objects.filter(rule=rule)
    assert (said["fires"], said["told"]) == (decided.count(), decided.filter(reason="").count()) == (4, 1)
    assert {row["why_not"] for row in said["rows"]} == {
        "",
        *(decision.get_reason_display() for decision in decided.exclude(reason="")),
    }


def test_a_form_that_could_not_be_saved_says_what_is_wrong_with_it(admin_client, now):
    page = ask(admin_client, threshold_days="")
    assert "threshold_days" in errors(page)
    assert "preview" not in page.context


def test_a_scenario_that_is_there_already_is_said_and_no_server_error(admin_client, now):
    make_rule(scenario_id="silent_14")
    assert "There is already a rule for this scenario here." in ask(admin_client).content.decode()


def test_other_numbers_of_days_are_counted_beside(admin_client, now):
    idle(now, 8, 15, 22, 23)
    counted = ask(admin_client).context["preview"]["thresholds"]
    assert [(row["days"], row["fires"]) for row in counted] == [(7, 4), (14, 3), (21, 2)]
    assert [row["days"] for row in counted if row["asked"]] == [14]


def test_a_draft_is_asked_as_if_it_were_on(admin_client, now):
    idle(now, 20)
    page = admin_client.post(address(Rule, "add"), {**new_rule(), **ASKED})
    assert page.context["preview"]["fires"] == 1
    assert "This rule is not on." in page.content.decode()


def test_a_rule_that_waits_for_activities_is_tried_on_those_that_were_logged(admin_client, now):
    mentor = make_mentor()
    make_contact(mentor, name="Kari Nordmann")
    for ago, seconds in ((3, 7_200), (2, 7_200), (1, 600)):
        make_activity(mentor, completed_at=now - days(ago), duration_seconds=seconds)
    page = ask(admin_client, trigger_type="long_session")
    said = page.context["preview"]
    assert (said["weighed"], said["logged"], said["fires"], said["told"]) == (3, 3, 2, 1)
    assert [(row["name"], row["why_not"]) for row in said["rows"]] == [
        ("Kari Nordmann", ""),
        ("Kari Nordmann", "was told of this scenario lately"),
    ]
    assert "It was tried on 3 activities of the last 30 days" in page.content.decode()
    assert not Decision.objects.exists()


def test_how_many_activities_were_left_out_is_said(admin_client, now, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_TRIED", 2)
    for ago in (3, 2, 1):
        make_activity(make_mentor(), completed_at=now - days(ago), duration_seconds=7_200)
    page = ask(admin_client, trigger_type="long_session")
    assert page.context["preview"]["fires"] == 2
    assert "the newest of 3" in page.content.decode()


def test_without_activities_a_rule_that_waits_for_them_promises_nothing(admin_client):
    page = ask(admin_client, trigger_type="long_session")
    assert "It was tried on 0 activities" in page.content.decode()
    assert "It would have fired" not in page.content.decode()


def test_a_rule_for_activities_is_counted_at_other_numbers_of_days_too(admin_client, now):
    for idle_for in (4, 8, 12):
        mentor = make_mentor(idle_for=days(40), now=now)
        for ago in (idle_for + 1, 1):
            make_activity(mentor, completed_at=now - days(ago))
    asked = {"trigger_type": "activity_missed", "judged": "activity", "threshold_days": "8", "cooldown_days": "0"}
    counted = ask(admin_client, **asked).context["preview"]["thresholds"]
    # Each came back once after a long time, too.
    assert [(row["days"], row["fires"]) for row in counted] == [(4, 6), (8, 5), (12, 4)]


def test_only_so_many_are_shown_and_all_are_counted(admin_client, now, monkeypatch):
    monkeypatch.setattr(preview, "MOST_SHOWN", 2)
    idle(now, 20, 20, 20)
    page = ask(admin_client)
    assert (page.context["preview"]["fires"], len(page.context["preview"]["rows"])) == (3, 2)
    assert "The first 2 of 3" in page.content.decode()


def test_asking_about_many_takes_as_many_queries_as_about_few(admin_client, now):
    idle(now, 20)
    few = queries(admin_client)
    idle(now, *[20] * 10)
    assert queries(admin_client) == few


def queries(client) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask(client)
    return len(captured)


def test_who_may_not_see_mentors_or_decisions_gets_no_names(staff, now):
    idle(now, 20)
    client = staff("scenarios.view_rule", "scenarios.add_rule", "scenarios.change_rule")
    assert "scenarios_rule_preview" not in client.get(address(Rule, "add")).content.decode()
    assert ask(client).status_code == 403


def test_who_may_only_look_at_rules_asks_nothing(staff, now):
    client, rule = staff(*NEEDED), make_rule()
    assert "scenarios_rule_preview" not in client.get(change_address(rule)).content.decode()
    assert client.post(change_address(rule), {**new_rule(), **ASKED}).status_code == 403


def test_a_coordinator_who_may_write_rules_asks(staff, now):
    idle(now, 20)
    assert ask(staff(*NEEDED, "scenarios.add_rule")).context["preview"]["fires"] == 1
