"""A coordinator's ways through the admin, in a real browser; skipped where there is none."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from scheduler.models import Run
from tests.admin.cast import make_named_mentor
from tests.admin.pages import change_address
from tests.factories import NOW, days, make_chapter, make_pause

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1400, "height": 900}


@pytest.fixture
def office(page: Page, live_server, admin_user):
    """A browser that is signed in, and that remembers what went wrong on its pages and what they asked of others."""
    page.went_wrong = []
    page.on("pageerror", lambda error: page.went_wrong.append(str(error)))
    page.on("request", lambda sent: page.went_wrong.append(sent.url) if live_server.url not in sent.url else None)
    page.goto(live_server.url + reverse("admin:login"))
    page.fill("#id_username", "admin")
    page.fill("#id_password", "password")
    page.click("button[type=submit]")
    page.wait_for_url(live_server.url + reverse("admin:index"))
    return page


def test_a_run_is_started_from_a_phone(office: Page, live_server):
    office.set_viewport_size(PHONE)
    office.goto(live_server.url + reverse("admin:scheduler_run_changelist"))
    office.locator("a", has_text="more_horiz").click()
    office.get_by_role("link", name="Start a run now").click()
    office.locator("#dialog input[name=reason]").fill("From the train")
    office.locator("#dialog button[type=submit]").click()
    office.wait_for_url("**/change/")
    assert Run.objects.get().reason == "From the train"
    expect(office.get_by_text("The run has started.")).to_be_visible()
    assert office.went_wrong == []


def test_the_form_of_a_rule_shows_what_belongs_to_its_trigger(office: Page, live_server):
    office.goto(live_server.url + reverse("admin:scenarios_rule_add"))
    flags, days_, judged = (office.locator(f"#id_{name}") for name in ("parameter_flags", "threshold_days", "judged"))
    expect(flags).to_be_hidden()
    office.select_option("#id_trigger_type", "wellbeing_flag")
    expect(flags).to_be_visible()
    expect(days_).to_be_hidden()
    office.select_option("#id_trigger_type", "inactivity")
    expect(flags).to_be_hidden()
    expect(days_).to_be_visible()
    expect(judged).to_be_hidden()
    assert office.went_wrong == []


def test_a_pause_is_ended_on_the_mentors_page(office: Page, live_server):
    mentor = make_named_mentor()
    pause = make_pause(mentor, starts_at=NOW - days(3))
    office.goto(live_server.url + change_address(mentor))
    office.locator("#tabs-items a", has_text="Pauses").click()
    office.locator("#id_pauses-0-ends_at_0").fill("2026-04-01")
    office.locator("#id_pauses-0-ends_at_1").fill("12:00:00")
    office.get_by_role("button", name="Save", exact=True).click()
    expect(office.get_by_text("was changed successfully")).to_be_visible()
    pause.refresh_from_db()
    assert pause.withdrawn_at is not None
    assert mentor.pauses.standing().get().ends_at.isoformat() == "2026-04-01T10:00:00+00:00"
    assert office.went_wrong == []


def test_a_mentor_is_offered_the_chapters_of_their_own_organisation_only(office: Page, live_server):
    mentor = make_named_mentor()
    make_chapter(mentor.organization, name="Ours Holmlia")
    make_chapter(name="Theirs Back Bay")
    office.goto(live_server.url + change_address(mentor))
    office.locator("#tabs-items a", has_text="Chapters").click()
    office.locator("#memberships-group .select2-selection").first.click()
    expect(office.locator(".select2-results__option", has_text="Ours Holmlia")).to_be_visible()
    expect(office.locator(".select2-results__option", has_text="Theirs Back Bay")).to_have_count(0)
    assert office.went_wrong == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_is_wider_than_the_screen(office: Page, live_server, size):
    mentor = make_named_mentor()
    office.set_viewport_size(size)
    names = ["index", "scenarios_rule_add", "scenarios_peermentor_changelist", "scheduler_run_daily"]
    for url in [*(reverse(f"admin:{name}") for name in names), change_address(mentor)]:
        office.goto(live_server.url + url)
        assert office.evaluate("document.documentElement.scrollWidth") <= size["width"], url
    assert office.went_wrong == []
