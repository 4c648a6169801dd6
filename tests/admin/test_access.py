"""Who has been given nothing sees nothing, and nobody gives themselves more than they have."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse
from rest_framework.authtoken.models import Token

from scheduler.models import Run
from tests.admin.cast import make, make_named_mentor, make_run, make_user
from tests.admin.pages import REGISTERED, address, change_address, filled_in, label

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_staff_without_permission_reach_no_page(staff, model):
    row, client = make(model), staff()
    for url in (address(model, "changelist"), address(model, "add"), change_address(row)):
        assert client.get(url).status_code == 403


def test_staff_without_permission_see_an_empty_first_page(staff):
    make_run(triggered_by="admin_usr_001")
    text = staff().get(reverse("admin:index")).content.decode()
    assert "nobody has given you access" in text
    assert "The last run" not in text
    assert "What waits" not in text
    assert reverse("admin:scheduler_run_changelist") not in text


def test_the_sidebar_shows_what_one_may_see(staff):
    text = staff("scheduler.view_run").get(reverse("admin:index")).content.decode()
    assert address(Run, "changelist") in text
    assert reverse("admin:scenarios_rule_changelist") not in text


def test_strangers_are_sent_to_the_door(client):
    assert client.get(reverse("admin:scheduler_run_daily"))["Location"].startswith("/admin/login/")


def test_who_may_see_mentors_alone_sees_neither_decisions_nor_activities_of_them(staff):
    text = staff("scenarios.view_peermentor").get(change_address(make_named_mentor())).content.decode()
    assert "What was decided lately" not in text
    assert "What they did lately" not in text


def test_who_administers_staff_gives_nobody_more_than_they_have(staff):
    client, colleague = staff("auth.view_user", "auth.change_user"), make_user()
    url = change_address(colleague)
    client.post(url, {"username": colleague.username, "is_superuser": "on", "is_staff": "on", "is_active": "on"})
    colleague.refresh_from_db()
    assert (colleague.is_superuser, colleague.is_staff) == (False, False)


def test_who_administers_staff_does_not_touch_an_administrator(staff, admin_user):
    client = staff("auth.view_user", "auth.change_user")
    assert client.post(change_address(admin_user), {"username": "mine"}).status_code == 403
    assert client.post(reverse("admin:auth_user_password_change", args=[admin_user.pk]), {}).status_code == 403


def test_what_a_group_may_do_is_for_administrators(staff):
    from django.contrib.auth.models import Group

    group = Group.objects.create(name="Coordinators")
    client = staff("auth.view_group", "auth.change_group", "auth.add_group")
    assert client.post(change_address(group), {"name": "Kings"}).status_code == 403
    assert client.get(address(Group, "add")).status_code == 403


def test_staff_are_made_inactive_and_not_deleted(admin_client):
    user = make_user()
    assert admin_client.post(address(User, "delete", user.pk), {"post": "yes"}).status_code == 403


def test_a_new_token_is_shown_once_and_in_no_log(admin_client):
    user = make_user()
    old = Token.objects.create(user=user)
    url = change_address(user).replace("/change/", "/make_token/")
    assert admin_client.get(url).status_code == 200
    assert Token.objects.get(user=user) == old
    page = admin_client.post(url, {"_form_submitted": "True"}, follow=True)
    token = Token.objects.get(user=user)
    assert token != old
    assert token.key in page.content.decode()
    assert token.key not in admin_client.get(change_address(user)).content.decode()
    assert not LogEntry.objects.filter(change_message__contains=token.key).exists()


def test_tokens_are_for_administrators(staff):
    user = make_user()
    url = change_address(user).replace("/change/", "/make_token/")
    assert staff("auth.view_user", "auth.change_user").post(url, {"_form_submitted": "True"}).status_code == 403
    assert not Token.objects.exists()


def test_keys_have_no_page(admin_client):
    assert admin_client.get("/admin/authtoken/tokenproxy/").status_code == 404


def test_a_scope_is_one_thing(admin_client):
    user = make_user()
    url = reverse("admin:scenarios_staffscope_add")
    page = admin_client.post(url, filled_in(admin_client, url, user=str(user.pk)))
    assert "Choose exactly one: everything, an organisation, or a chapter." in page.content.decode()
