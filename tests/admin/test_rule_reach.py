"""A change that makes a rule reach more people is saved once a person has seen how many, and confirmed it."""

import pytest
from django.utils import timezone

from scenarios.models import Rule
from scenarios.operations import save_rule
from tests.admin.pages import address, change_address, confirm, filled_in
from tests.admin.test_rule_preview import NEEDED
from tests.admin.test_rules import new_rule
from tests.factories import (
    days,
    make_chapter,
    make_contact,
    make_membership,
    make_mentor,
    make_organization,
    make_rule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def oslo():
    return make_organization(name="Oslo")


@pytest.fixture
def frogner(oslo):
    return make_chapter(oslo, name="Frogner")


@pytest.fixture
def people(oslo, frogner):
    """Kari and Ola of Frogner, Siri of Oslo; all silent for twenty days."""
    cast = {name: make_mentor(oslo, idle_for=days(20), now=timezone.now()) for name in ("Kari", "Ola", "Siri")}
    for name, mentor in cast.items():
        make_contact(mentor, name=name)
        if name != "Siri":
            make_membership(mentor, frogner)
    return cast


@pytest.fixture
def rule(people, oslo, frogner):
    return make_rule(name="Frogner only", organization=oslo, chapter=frogner)


def save(client, rule, *, version: int | None = None, **changes):
    url = change_address(rule) + (f"?version={version}" if version else "")
    return client.post(url, {**filled_in(client, url), "_save": "Save", "change_reason": "To try", **changes})


def turn(client, action: str, *rules):
    return client.post(address(Rule, "changelist"), {"action": action, "_selected_action": [rule.pk for rule in rules]})


def asks(page) -> bool:
    return page.status_code == 200 and "reach_confirmed" in page.content.decode()


def text_of(page) -> str:
    return page.content.decode()


def test_a_chapters_rule_for_the_whole_organisation_asks_first_and_says_for_how_many(admin_client, rule):
    page = save(admin_client, rule, chapter="")
    row = page.context["rules"][0]
    assert (row["for_before"], row["for_after"]) == ("Frogner (2 mentors)", "everybody in Oslo (3 mentors)")
    assert (row["writes"], row["more"]) == ((2, 3), 1)
    assert [person["name"] for person in row["people"]] == ["Siri"]
    assert "Save and reach 1 more" in text_of(page)
    rule.refresh_from_db()
    assert rule.chapter is not None
    assert rule.versions.count() == 1


def test_what_was_confirmed_is_saved_with_its_reason(admin_client, admin_user, rule):
    assert confirm(admin_client, save(admin_client, rule, chapter="")).status_code == 302
    version = rule.versions.get(valid_until__isnull=True)
    assert (version.chapter, version.number, version.change_reason) == (None, 2, "To try")
    assert version.changed_by == admin_user


def test_a_narrower_change_is_saved_at_once(admin_client, rule):
    assert save(admin_client, rule, threshold_days="100").status_code == 302
    rule.refresh_from_db()
    assert rule.threshold_days == 100


def test_back_to_the_form_loses_nothing_and_saves_nothing(admin_client, rule):
    page = confirm(admin_client, save(admin_client, rule, chapter="", threshold_days="10"), "reach_back")
    form = page.context["adminform"].form
    assert (form["chapter"].value(), form["threshold_days"].value(), form["change_reason"].value()) == (
        *("", "10", "To try"),
    )
    assert not form.errors
    assert rule.versions.count() == 1


def test_when_more_would_be_reached_than_was_confirmed_the_page_comes_again(admin_client, rule, oslo):
    page = save(admin_client, rule, chapter="")
    make_mentor(oslo, idle_for=days(30), now=timezone.now())
    again = confirm(admin_client, page)
    assert asks(again)
    assert "Something has changed since you confirmed it" in text_of(again)
    assert "everybody in Oslo (4 mentors)" in text_of(again)
    assert rule.versions.count() == 1
    assert confirm(admin_client, again).status_code == 302


def test_when_fewer_would_be_reached_than_was_confirmed_it_is_saved(admin_client, rule, people):
    page = save(admin_client, rule, chapter="")
    people["Siri"].left_at = people["Siri"].left_recorded_at = timezone.now()
    people["Siri"].save()
    assert confirm(admin_client, page).status_code == 302


def test_a_confirmation_holds_for_the_form_that_was_shown_alone(admin_client, rule):
    page = save(admin_client, rule, chapter="")
    page.context["sent"].append(("threshold_days", "1"))
    assert asks(confirm(admin_client, page))
    assert rule.versions.count() == 1


def test_a_confirmation_that_was_made_up_confirms_nothing(admin_client, rule):
    assert asks(save(admin_client, rule, chapter="", reach_confirmed="yes"))


def test_somebody_elses_change_in_between_is_not_confirmed_along(admin_client, rule, oslo):
    page = save(admin_client, rule, chapter="")
    rule.threshold_days = 100
    save_rule(rule, now=timezone.now())
    assert asks(confirm(admin_client, page))


def test_restoring_a_wider_version_asks_first(admin_client, rule):
    frogner, rule.chapter = rule.chapter, None
    save_rule(rule, now=timezone.now())
    rule.chapter = frogner
    save_rule(rule, now=timezone.now())
    page = save(admin_client, rule, version=2)
    assert asks(page)
    assert confirm(admin_client, page).status_code == 302
    rule.refresh_from_db()
    assert rule.chapter is None


def test_a_new_rule_that_watches_asks_first_and_a_draft_does_not(admin_client, people):
    assert admin_client.post(address(Rule, "add"), new_rule(scenario_id="")).status_code == 302
    page = admin_client.post(address(Rule, "add"), new_rule(name="Watching", scenario_id="", state="watching"))
    assert "It only watches: nobody gets a message from it." in text_of(page)
    assert confirm(admin_client, page).status_code == 302
    assert Rule.objects.get(name="Watching").state == "watching"


def test_the_list_asks_before_rules_are_turned_on_and_names_each(admin_client, people, oslo):
    rules = [make_rule(name=f"Draft {n}", state="draft", organization=oslo) for n in range(2)]
    page = turn(admin_client, "turn_on", *rules)
    assert [row["name"] for row in page.context["rules"]] == ["Draft 0", "Draft 1"]
    assert {row["for_before"] for row in page.context["rules"]} == {"nobody"}
    assert not Rule.objects.filter(state="on").exists()
    assert confirm(admin_client, page).status_code == 302
    assert Rule.objects.filter(state="on").count() == 2


def test_the_list_asks_before_rules_watch_and_not_before_they_are_turned_off(admin_client, rule):
    assert asks(turn(admin_client, "watch_only", make_rule(state="off")))
    assert turn(admin_client, "turn_off", rule).status_code == 302
    rule.refresh_from_db()
    assert rule.state == "off"


def test_turning_off_a_rule_that_kept_a_wider_one_away_asks_first(admin_client, people, oslo, frogner):
    make_rule(name="Everywhere", scenario_id="idle")
    own = make_rule(name="Frogner", scenario_id="idle", organization=oslo, chapter=frogner)
    page = turn(admin_client, "turn_off", own)
    assert "“Everywhere”, which this rule has replaced, holds for 2 more mentors then." in text_of(page)
    assert confirm(admin_client, page).status_code == 302
    own.refresh_from_db()
    assert own.state == "off"


def test_names_are_shown_to_those_who_may_see_them(staff, rule):
    page = save(staff("scenarios.view_rule", "scenarios.change_rule"), rule, chapter="")
    assert asks(page)
    assert "Siri" not in text_of(page)
    page = save(staff(*NEEDED, "scenarios.change_rule", "notifications.view_contact"), rule, chapter="")
    assert "Siri" in text_of(page)


def test_a_rule_that_looks_for_what_another_looks_for_says_so_wherever_it_is_met(admin_client, people, oslo, rule):
    other = make_rule(name="Three weeks silent", threshold_days=18, organization=oslo)
    said = "The rule “Three weeks silent” also looks for “No activity for a while”, for everybody in Oslo. 2 mentors"
    assert said in text_of(admin_client.get(change_address(rule)))
    page = save(admin_client, rule, chapter="")
    assert said.replace("2 mentors", "3 mentors") in text_of(page)
    confirm(admin_client, page)
    assert said.replace("2 mentors", "3 mentors") in text_of(admin_client.get(address(Rule, "changelist")))
    assert other.versions.count() == 1


def test_a_rule_says_which_wider_rule_of_its_scenario_it_replaces(admin_client, people, oslo, frogner):
    make_rule(name="Everywhere", scenario_id="idle")
    own = make_rule(scenario_id="idle", organization=oslo, chapter=frogner)
    said = "For Frogner this rule replaces “Everywhere”, which has the same scenario."
    assert said in text_of(admin_client.get(change_address(own)))
