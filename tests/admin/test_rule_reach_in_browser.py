# ruff: noqa: F811 (the fixtures are asked for by the names under which they were imported)
"""What a coordinator sees before a rule writes to more people, at a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from scenarios.models import Rule
from tests.admin.test_chapter_rule_in_browser import choose
from tests.admin.test_in_browser import office  # noqa: F401 (a fixture)
from tests.admin.test_questions_in_browser import now, people, screen  # noqa: F401 (fixtures)
from tests.factories import make_rule, make_template

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wider_rule_is_shown_taken_back_to_its_form_and_confirmed(screen, people):
    mentor = people["Kari Nordmann"]
    oslo, holmlia = mentor.organization, mentor.memberships.get().chapter
    people["Ola Hansen"].memberships.all().delete()
    rule = make_rule(name="Holmlia only", threshold_days=7, organization=oslo, chapter=holmlia)
    screen.go(rule)
    screen.page.locator("#id_chapter + .select2 .select2-selection__clear").click()
    screen.page.keyboard.press("Escape")
    screen.page.fill("#id_change_reason", "For all of Oslo")
    screen.press("Save")
    expect(screen.page.get_by_text("Nothing is saved yet.")).to_be_visible()
    section = screen.page.get_by_role("region", name="Holmlia only")
    expect(section).to_contain_text("Holmlia (3 mentors)")
    expect(section).to_contain_text("everybody in Oslo (4 mentors)")
    expect(section.get_by_role("link", name="Ola Hansen")).to_be_visible()
    screen.fits()
    screen.press("Back to the form")
    expect(screen.page.locator("#id_change_reason")).to_have_value("For all of Oslo")
    expect(screen.page.locator("#id_chapter")).to_have_value("")
    assert rule.versions.count() == 1
    screen.press("Save")
    screen.press("Save and reach 1 more")
    expect(screen.page.get_by_text("was changed successfully")).to_be_visible()
    assert rule.versions.get(valid_until__isnull=True).chapter is None


def test_a_new_rule_says_who_would_get_its_message_before_it_is_saved(screen, people):
    make_template(name="How are you?")
    screen.page.goto(screen.home + reverse("admin:scenarios_rule_add"))
    screen.page.fill("#id_name", "Quiet for a fortnight")
    screen.page.select_option("#id_trigger_type", "inactivity")
    expect(screen.page.get_by_text("How many days without an activity, for example 14.")).to_be_visible()
    expect(screen.page.get_by_text("How many days before it expires, for example 30.")).to_be_hidden()
    screen.page.fill("#id_threshold_days", "14")
    choose(screen.page, "prompt_template", "How are you?")
    screen.press("See who would get this message")
    expect(screen.page.locator("#preview").get_by_role("link", name="Kari Nordmann")).to_be_visible()
    screen.fits()
    assert not Rule.objects.exists()
    screen.press("Save")
    expect(screen.page.get_by_text("was added successfully")).to_be_visible()
    rule = Rule.objects.get()
    assert (rule.scenario_id, rule.state) == ("quiet_for_a_fortnight", "draft")
