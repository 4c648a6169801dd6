"""The page of one button that stops every message."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from scenarios.models import Switch
from scenarios.operations import turn_messages
from tests.factories import NOW, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def url():
    return reverse("admin:scenarios_organization_switch")


def test_turning_messages_off_says_who_did_it_and_why(admin_client, url):
    page = admin_client.post(url, {"why": "The address list is wrong."}, follow=True)
    assert not Switch.is_on()
    assert "The address list is wrong. (turned off by admin" in page.content.decode()
    assert "The address list is wrong." in LogEntry.objects.get().change_message


def test_turning_messages_off_wants_a_reason(admin_client, url):
    page = admin_client.post(url, {"why": " "})
    assert page.context["form"].errors["why"]
    assert Switch.is_on()


def test_turning_messages_on_again_needs_none(admin_client, url):
    turn_messages(on=False, why="Trial", now=NOW)
    admin_client.post(url, {"on": "1"})
    assert Switch.is_on()


def test_organizations_that_are_off_are_named_though_the_switch_is_on(admin_client, url):
    make_organization(name="Oslo", telling_enabled=False)
    assert "Oslo" in admin_client.get(url).content.decode()


@pytest.mark.parametrize(("codename", "may_look"), [("view_switch", True), ("view_rule", False)])
def test_who_may_not_turn_it_sees_no_button(client, url, codename, may_look):
    user = User.objects.create_user("kari", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(user)
    page = client.get(url)
    assert (page.status_code == 200) is may_look
    assert "Turn all messages off" not in page.content.decode()
    client.post(url, {"why": "I want to."})
    assert Switch.is_on()
