# ruff: noqa: F811 (the fixtures are asked for by the names under which they were imported)
"""A rule for one chapter stays one for that chapter, whatever is done on its form, at a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from scenarios.models import Rule
from scenarios.operations import save_rule
from tests.admin.pages import change_address
from tests.admin.test_in_browser import office  # noqa: F401 (a fixture)
from tests.admin.test_questions_in_browser import screen  # noqa: F401 (a fixture)
from tests.factories import make_chapter, make_organization, make_rule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def oslo():
    return make_organization(name="Oslo")


@pytest.fixture
def frogner(oslo):
    return make_chapter(oslo, name="Frogner")


@pytest.fixture
def rule(oslo, frogner):
    return make_rule(name="Frogner only", threshold_days=7, organization=oslo, chapter=frogner)


def choose(page, field: str, name: str, *, search: str = "") -> None:
    """Choose from a select2 as a person does: open it, type, click."""
    page.locator(f"#id_{field} + .select2").click()
    page.locator(".select2-search__field").fill(search or name)
    page.locator(".select2-results__option").get_by_text(name, exact=True).click()


def saved(screen) -> None:
    screen.press("Save")
    expect(screen.page.get_by_text("was changed successfully")).to_be_visible()


def test_the_chapter_stays_when_the_number_of_days_is_changed(screen, rule, frogner):
    screen.go(rule)
    expect(screen.page.locator("#id_chapter")).to_have_value(frogner.pk)
    screen.page.fill("#id_threshold_days", "14")
    screen.page.fill("#id_change_reason", "Seven days is too soon")
    screen.fits()
    saved(screen)
    rule.refresh_from_db()
    assert (rule.threshold_days, rule.chapter) == (14, frogner)


def test_the_chapter_comes_back_with_the_version_that_had_it(screen, rule, frogner):
    rule.chapter = None
    save_rule(rule, reason="By mistake", now=timezone.now())
    screen.page.goto(f"{screen.home}{change_address(rule)}?version=1")
    expect(screen.page.get_by_text("Chapter: – → Frogner")).to_be_visible()
    expect(screen.page.locator("#id_chapter")).to_have_value(frogner.pk)
    saved(screen)
    rule.refresh_from_db()
    assert rule.chapter == frogner


def test_the_chapter_stays_when_something_else_on_the_form_is_wrong(screen, rule, frogner):
    screen.go(rule)
    screen.page.fill("#id_threshold_days", "")
    screen.page.fill("#id_change_reason", "Let me see")
    screen.press("Save")
    expect(screen.page.get_by_role("alert")).to_be_visible()
    expect(screen.page.locator("#id_chapter")).to_have_value(frogner.pk)
    screen.page.fill("#id_threshold_days", "14")
    saved(screen)
    rule.refresh_from_db()
    assert (rule.threshold_days, rule.chapter) == (14, frogner)


def test_the_chapter_stays_when_the_same_organisation_is_chosen_again(screen, rule, frogner):
    screen.go(rule)
    choose(screen.page, "organization", "Oslo")
    expect(screen.page.locator("#id_chapter")).to_have_value(frogner.pk)


def test_another_organisation_empties_the_chapter_and_offers_its_own(screen, rule):
    bergen = make_organization(name="Bergen")
    fana, _other = make_chapter(bergen, name="Fana"), make_chapter(name="Fanavik")
    screen.go(rule)
    choose(screen.page, "organization", "Bergen")
    expect(screen.page.locator("#id_chapter")).to_have_value("")
    choose(screen.page, "chapter", "Fana", search="Fan")
    expect(screen.page.locator("#id_chapter")).to_have_value(fana.pk)
    screen.page.fill("#id_change_reason", "It moved")
    saved(screen)
    assert Rule.objects.get(pk=rule.pk).chapter == fana
