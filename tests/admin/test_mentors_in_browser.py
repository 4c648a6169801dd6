# ruff: noqa: F811 (the fixture is asked for by the name under which it was imported)
"""A coordinator picks the right Marit, and logs a conversation, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.admin.pages import change_address
from tests.admin.test_in_browser import DESK, PHONE, office  # noqa: F401 (a fixture)
from tests.factories import make_chapter, make_contact, make_membership, make_mentor, make_organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marits():
    found = {}
    for organization, chapter in (("Likepersoner i Oslo", "Frogner"), ("Likepersonlaget Bergen", "Fana")):
        mentor = make_mentor(make_organization(name=organization))
        make_contact(mentor, name="Marit Næss")
        make_membership(mentor, make_chapter(mentor.organization, name=chapter))
        found[chapter] = mentor
    return found


def test_the_right_marit_is_put_on_pause_from_the_menu(office: Page, live_server, marits):
    office.goto(live_server.url + reverse("admin:scenarios_pause_add"))
    office.locator(".field-mentor .select2-selection").click()
    office.locator(".select2-search__field").fill("marit")
    expect(office.locator(".select2-results__option", has_text="Marit Næss")).to_have_count(2)
    office.locator(".select2-results__option", has_text="Likepersonlaget Bergen").click()
    expect(office.locator(".field-mentor .select2-selection")).to_contain_text("Marit Næss")
    office.get_by_role("button", name="Save", exact=True).click()
    expect(office.get_by_text("was added successfully")).to_be_visible()
    assert marits["Fana"].pauses.standing().count() == 1
    assert not marits["Frogner"].pauses.exists()
    assert office.went_wrong == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_conversation_is_logged_in_two_clicks_from_the_mentors_page(office: Page, live_server, marits, size):
    mentor = marits["Frogner"]
    office.set_viewport_size(size)
    office.goto(live_server.url + change_address(mentor))
    button = office.get_by_role("link", name="Log a conversation")
    if not button.is_visible():
        office.locator("a", has_text="more_horiz").first.click()
    button.click()
    office.get_by_role("button", name="Save", exact=True).click()
    office.wait_for_url("**" + change_address(mentor))
    assert mentor.human_contacts.standing().get().contacted_by.username == "admin"
    assert office.went_wrong == []
