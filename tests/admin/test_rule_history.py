"""Every state of a rule is told in words, and any of them can be taken up again, as a draft that a person saves."""

import pytest
from django.utils import timezone

from scenarios.models import Rule
from scenarios.operations import save_rule
from tests.admin.pages import address, change_address, filled_in
from tests.factories import make_organization, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule():
    """A rule that said 14 days first, and then 21 in one organisation."""
    rule = make_rule(threshold_days=14)
    rule.threshold_days, rule.organization = 21, make_organization(name="Oslo")
    save_rule(rule, reason="Too many reminders", now=timezone.now())
    return rule


def test_the_page_and_the_list_say_in_words_what_the_rule_does(admin_client, rule):
    sentence = "Every day: a mentor with no activity for 21 days hears from us, at most once every 30 days."
    assert sentence in admin_client.get(change_address(rule)).content.decode()
    assert sentence in admin_client.get(address(Rule, "changelist")).content.decode()


def test_each_version_says_what_changed_and_why(admin_client, rule):
    latest, first = admin_client.get(change_address(rule)).context["versions"]
    assert latest["changes"] == ["Organisation: – → Oslo", "Number of days: 14 → 21"]
    assert latest["why"] == "Too many reminders"
    assert first["changes"] == ["the first version"]


def test_an_earlier_version_is_restored_into_a_draft_that_is_not_saved(admin_client, rule):
    url = f"{change_address(rule)}?version=1"
    page = admin_client.get(url)
    form = filled_in(admin_client, url)
    assert (form["threshold_days"], form["organization"]) == ("14", "")
    assert form["change_reason"] == "As in version 1 again."
    assert page.context["would_change"] == ["Organisation: Oslo → –", "Number of days: 21 → 14"]
    assert "Nothing is saved yet." in page.content.decode()
    rule.refresh_from_db()
    assert rule.threshold_days == 21
    assert rule.versions.count() == 2


def test_a_restored_draft_that_is_saved_makes_a_new_version(admin_client, admin_user, rule):
    url = f"{change_address(rule)}?version=1"
    assert admin_client.post(url, filled_in(admin_client, url)).status_code == 302
    version = rule.versions.get(valid_until__isnull=True)
    assert (version.number, version.threshold_days, version.organization) == (3, 14, None)
    assert (version.changed_by, version.change_reason) == (admin_user, "As in version 1 again.")


def test_what_is_changed_in_a_restored_draft_is_saved_as_changed(admin_client, rule):
    url = f"{change_address(rule)}?version=1"
    admin_client.post(url, filled_in(admin_client, url, threshold_days="10"))
    assert rule.versions.get(valid_until__isnull=True).threshold_days == 10


@pytest.mark.parametrize("number", ["9", "0", "x", "99999999999999999999", ""])
def test_a_version_that_is_none_shows_the_rule_as_it_is(admin_client, rule, number):
    form = filled_in(admin_client, f"{change_address(rule)}?version={number}")
    assert form["threshold_days"] == "21"


def test_who_may_only_look_is_offered_no_restoring(staff, rule):
    text = staff("scenarios.view_rule").get(change_address(rule)).content.decode()
    assert "What this rule said before" in text
    assert "?version=" not in text
