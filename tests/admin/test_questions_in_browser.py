# ruff: noqa: F811 (the fixture is asked for by the name under which it was imported)
"""What a coordinator finds out by clicking, at a desk and on a phone: whom a rule would touch, and why they heard."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from scenarios.models import Decision
from scenarios.operations import save_rule
from scheduler.operations import run_one_batch, start_run
from tests.admin.pages import change_address
from tests.admin.test_in_browser import DESK, PHONE, office  # noqa: F401 (a fixture)
from tests.factories import (
    days,
    make_activity,
    make_chapter,
    make_contact,
    make_human_contact,
    make_membership,
    make_mentor,
    make_opt_out,
    make_organization,
    make_rule,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def people(now):
    """A chapter of four: one quiet for twenty days, one for nine, one who wants no messages, one who is busy."""
    organization = make_organization(name="Oslo")
    chapter = make_chapter(organization, name="Holmlia")
    cast = {}
    for name, idle_for in (("Kari Nordmann", 20), ("Ola Hansen", 9), ("Per Olsen", 31), ("Siri Lie", 1)):
        mentor = cast[name] = make_mentor(organization, idle_for=days(idle_for), now=now)
        make_contact(mentor, name=name)
        make_membership(mentor, chapter)
    make_opt_out(cast["Per Olsen"])
    return cast


@pytest.fixture
def rule(people):
    return make_rule(name="Two weeks of silence", threshold_days=14, cooldown_days=3)


class Screen:
    """The admin as it is seen on a screen of some size."""

    def __init__(self, page: Page, home: str, size: dict):
        self.page, self.home, self.size = page, home, size
        page.set_viewport_size(size)

    def go(self, row) -> None:
        self.page.goto(self.home + change_address(row))

    def choose(self, action: str) -> None:
        """Follow one of the page's actions, which a phone folds away."""
        if self.size == PHONE:
            self.page.locator("a", has_text="more_horiz").first.click()
        self.page.get_by_role("link", name=action).locator("visible=true").click()

    def press(self, button: str) -> None:
        """Press a button whose name ends so: before it may stand the name of a picture."""
        self.page.get_by_role("button", name=re.compile(f"{re.escape(button)}$")).click()

    def follow(self, link: str) -> None:
        self.page.get_by_role("link", name=link).click()

    def number(self, label: str) -> Locator:
        """Return the number that stands under a word."""
        return self.page.locator("dl > div", has_text=label).locator("dd")

    def fits(self) -> None:
        """Hold the page to the screen's width, and to our own files."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.size["width"], self.page.url
        assert self.page.went_wrong == []


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def screen(request, office, live_server):
    return Screen(office, live_server.url, request.param)


def test_whom_a_changed_rule_would_touch_is_seen_before_it_is_saved(screen, rule):
    screen.go(rule)
    screen.page.fill("#id_threshold_days", "7")
    screen.press("See who would get this message")
    answer = screen.page.locator("#preview")
    expect(screen.number("It fires for")).to_have_text("3")
    expect(screen.number("Would be told")).to_have_text("2")
    expect(answer.get_by_role("link", name="Ola Hansen")).to_be_visible()
    expect(answer).to_contain_text("No activity logged for 9 days; the rule allows 7.")
    expect(answer).to_contain_text("doesn't want this kind of message: 1")
    expect(answer).to_contain_text("at 10 days: 2")
    assert "Siri Lie" not in answer.inner_text()
    screen.fits()
    assert rule.versions.count() == 1
    expect(screen.page.locator("#id_threshold_days")).to_have_value("7")
    screen.page.fill("#id_change_reason", "Sooner is kinder")
    screen.press("Save")
    screen.press("Save and reach 1 more")
    expect(screen.page.get_by_text("was changed successfully")).to_be_visible()
    assert rule.versions.get(number=2).threshold_days == 7


def test_a_rule_for_long_talks_says_on_which_it_would_have_fired(screen, people, now):
    for ago, minutes in ((4, 90), (3, 20)):
        make_activity(people["Siri Lie"], completed_at=now - days(ago), duration_seconds=minutes * 60)
    rule = make_rule("long_session", name="Long talks")
    screen.go(rule)
    screen.press("See who would get this message")
    expect(screen.page.locator("#preview")).to_contain_text("It was tried on 5 activities of the last 30 days")
    expect(screen.number("It would have fired")).to_have_text("1")
    expect(screen.page.locator("#preview").get_by_role("link", name="Siri Lie")).to_be_visible()
    screen.fits()


def test_what_a_rule_would_have_said_in_the_last_month_is_asked_from_its_page(screen, rule, people, now):
    make_activity(people["Kari Nordmann"], completed_at=now - days(16), recorded_at=now - days(3))
    screen.go(rule)
    screen.choose("What would have happened?")
    screen.page.select_option("#id_days", "30")
    screen.press("Show")
    expect(screen.page.get_by_role("heading", name="Who would have been told most")).to_be_visible()
    expect(screen.page.get_by_role("link", name="Kari Nordmann")).to_be_visible()
    assert int(screen.number("Messages").inner_text()) > 0
    assert screen.page.locator("tbody tr").count() == 30
    screen.fits()
    as_known = int(screen.number("Messages").inner_text())
    screen.follow("Show it with what is known now")
    expect(screen.page.get_by_text("With hindsight: each day")).to_be_visible()
    assert int(screen.number("Messages").inner_text()) < as_known, "she wasn't silent after all"
    screen.fits()
    assert not Decision.objects.exists()


def test_why_somebody_heard_and_why_not_is_asked_from_the_mentors_page(screen, rule, people, now):
    make_human_contact(people["Kari Nordmann"], contacted_at=now - days(1))
    start_run(now=timezone.now())
    run_one_batch(now=timezone.now())
    screen.go(people["Kari Nordmann"])
    screen.choose("Why, why not?")
    expect(screen.page.get_by_role("heading", name="Why, or why not, did Kari Nordmann hear from us?")).to_be_visible()
    expect(screen.page.get_by_text("No activity logged for 20 days; the rule allows 14.")).to_contain_text(
        "somebody talked to them lately"
    )
    screen.fits()
    screen.follow("Recorded on that day")
    screen.page.wait_for_url(re.compile("/scenarios/decision/"))
    screen.fits()
    screen.page.go_back()
    screen.follow("The day before")
    expect(screen.page.locator("#id_date")).to_have_value((timezone.localdate(now) - timedelta(days=1)).isoformat())
    expect(screen.page.get_by_text("the rule allows 14.")).to_be_visible()
    screen.fits()


def test_what_a_rule_said_before_is_taken_up_again_and_saved(screen, rule, now):
    rule.threshold_days = 40
    save_rule(rule, reason="Too many reminders", now=now)
    screen.go(rule)
    history = screen.page.get_by_role("region", name="What this rule said before")
    expect(history).to_contain_text("Number of days: 14 → 40")
    screen.fits()
    history.get_by_role("link", name="Restore").click()
    expect(screen.page.get_by_text("Nothing is saved yet.")).to_be_visible()
    expect(screen.page.get_by_text("Number of days: 40 → 14")).to_be_visible()
    expect(screen.page.locator("#id_threshold_days")).to_have_value("14")
    screen.fits()
    assert rule.versions.count() == 2
    screen.press("Save")
    screen.press("Save and reach 1 more")
    expect(screen.page.get_by_text("was changed successfully")).to_be_visible()
    latest = rule.versions.get(valid_until__isnull=True)
    assert (latest.number, latest.threshold_days, latest.change_reason) == (3, 14, "As in version 1 again.")
