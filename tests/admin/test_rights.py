"""Nobody changes who is above them, nor gives what they don't have: accounts, passwords, scopes, groups, tokens."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from scenarios.models import StaffScope
from tests.admin.cast import make_user
from tests.admin.pages import change_address, filled_in
from tests.factories import make_chapter, make_organization

pytestmark = pytest.mark.django_db

ADMINISTERS = ("auth.view_user", "auth.change_user", "auth.add_user")
SCOPES = (
    "scenarios.view_staffscope",
    "scenarios.add_staffscope",
    "scenarios.change_staffscope",
    "scenarios.delete_staffscope",
)
ADD_SCOPE = reverse("admin:scenarios_staffscope_add")
PASSWORD = "correct horse battery"


@pytest.fixture
def administrator(staff):
    """Somebody who administers accounts and has nothing else, signed in."""
    return staff(*ADMINISTERS, *SCOPES, username="administrator")


def permission(name: str) -> Permission:
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def who_may(*permissions: str, **fields) -> User:
    user = make_user(is_staff=True, **fields)
    user.user_permissions.set([permission(name) for name in permissions])
    return user


def set_password(client: Client, user: User) -> int:
    """Return the answer's status; 302 says that it is set."""
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    fields = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    return client.post(url, fields).status_code


def signs_in(user: User) -> bool:
    return Client().login(username=user.username, password=PASSWORD)


def me(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def give(client: Client, user: User, **scope) -> bool:
    """Tell whether a scope was given on the page of scopes."""
    before = StaffScope.objects.count()
    client.post(ADD_SCOPE, {"user": user.pk, **scope})
    return StaffScope.objects.count() > before


def test_the_password_of_somebody_who_may_do_no_more_is_set(administrator):
    colleague = who_may("auth.view_user")
    assert set_password(administrator, colleague) == 302
    assert signs_in(colleague)


@pytest.mark.parametrize("way", ["own", "group", "locked out", "scope"])
def test_the_password_of_somebody_who_may_more_is_not_set(administrator, way):
    above = who_may(is_active=way != "locked out")
    if way == "group":
        group = Group.objects.create(name="Coordinators")
        group.permissions.add(permission("notifications.view_contact"))
        above.groups.add(group)
    elif way == "scope":
        StaffScope.objects.create(user=above, organization=make_organization())
    else:
        above.user_permissions.add(permission("notifications.view_contact"))
    assert set_password(administrator, above) == 403
    assert not signs_in(above)


@pytest.mark.parametrize("change", [{"username": "mine"}, {"email": "mine@example.org"}, {"is_active": ""}])
def test_nothing_else_of_somebody_who_may_more_is_changed(administrator, change):
    above = who_may("notifications.view_contact", email="theirs@example.org")
    fields = {"username": above.username, "email": above.email, "is_active": "on", **change}
    assert administrator.post(change_address(above), fields).status_code == 403
    after = User.objects.get(pk=above.pk)
    assert (after.username, after.email, after.is_active) == (above.username, "theirs@example.org", True)


def test_somebody_who_may_more_is_still_looked_up(administrator):
    assert administrator.get(change_address(who_may("notifications.view_contact"))).status_code == 200


def test_an_administrator_changes_everybody(admin_client):
    assert set_password(admin_client, who_may("notifications.view_contact")) == 302


def test_who_gives_scopes_gives_none_to_themselves(administrator):
    assert not give(administrator, me(administrator), everything="on")
    StaffScope.objects.create(user=me(administrator), organization=make_organization())
    assert not give(administrator, me(administrator), organization=make_organization().pk)


def test_who_gives_scopes_gives_only_what_lies_within_their_own(administrator):
    chapter, elsewhere = make_chapter(), make_organization()
    StaffScope.objects.create(user=me(administrator), organization=chapter.organization)
    assert not give(administrator, who_may(), everything="on")
    assert not give(administrator, who_may(), organization=elsewhere.pk)
    assert not give(administrator, who_may(), chapter=make_chapter(elsewhere).pk)
    assert give(administrator, who_may(), organization=chapter.organization_id)
    assert give(administrator, who_may(), chapter=chapter.pk)


def test_who_may_see_everything_lets_others_see_anything(administrator):
    StaffScope.objects.create(user=me(administrator), everything=True)
    assert give(administrator, who_may(), organization=make_organization().pk)
    assert give(administrator, who_may(), everything="on")


def test_who_has_no_scope_has_none_to_give(administrator):
    assert not give(administrator, who_may(), organization=make_organization().pk)


def test_somebody_who_may_more_gets_no_scope_and_loses_none(administrator):
    organization = make_organization()
    StaffScope.objects.create(user=me(administrator), organization=organization)
    above = who_may("notifications.view_contact")
    theirs = StaffScope.objects.create(user=above, organization=organization)
    assert not give(administrator, above, chapter=make_chapter(organization).pk)
    assert (
        administrator.post(change_address(theirs), {"user": me(administrator).pk, "everything": "on"}).status_code
        == 403
    )
    gone = reverse("admin:scenarios_staffscope_delete", args=[theirs.pk])
    assert administrator.post(gone, {"post": "yes"}).status_code == 403
    assert StaffScope.objects.filter(user=above).get() == theirs


def test_a_scope_that_one_has_given_is_not_moved_to_oneself(administrator):
    organization = make_organization()
    StaffScope.objects.create(user=me(administrator), organization=organization)
    given = StaffScope.objects.create(user=who_may(), chapter=make_chapter(organization))
    administrator.post(change_address(given), {"user": me(administrator).pk, "chapter": given.chapter_id})
    given.refresh_from_db()
    assert given.user != me(administrator)


def rows(**fields) -> dict:
    """A scope that is added on a person's page."""
    management = {"scopes-TOTAL_FORMS": "1", "scopes-INITIAL_FORMS": "0"}
    return {**management, **{f"scopes-0-{name}": value for name, value in fields.items()}}


@pytest.mark.parametrize("whose", ["own", "a colleague's"])
def test_no_scope_is_given_beyond_ones_own_on_the_page_of_a_person(administrator, whose):
    user = me(administrator) if whose == "own" else who_may()
    url = change_address(user)
    administrator.post(url, {**filled_in(administrator, url), **rows(everything="on")})
    assert not StaffScope.objects.filter(everything=True).exists()


def test_a_scope_within_ones_own_is_given_on_the_page_of_a_person(administrator):
    organization, colleague = make_organization(), who_may()
    StaffScope.objects.create(user=me(administrator), organization=organization)
    url = change_address(colleague)
    administrator.post(url, {**filled_in(administrator, url), **rows(organization=organization.pk)})
    assert StaffScope.objects.get(user=colleague).organization == organization


def test_an_own_scope_is_not_taken_off_on_ones_own_page(administrator):
    own = StaffScope.objects.create(user=me(administrator), chapter=make_chapter())
    url = change_address(me(administrator))
    fields = {"scopes-TOTAL_FORMS": "1", "scopes-INITIAL_FORMS": "1", "scopes-0-id": own.pk, "scopes-0-DELETE": "on"}
    administrator.post(url, {**filled_in(administrator, url), **fields})
    assert StaffScope.objects.get() == own


def test_groups_and_staff_are_given_by_administrators_alone_also_to_somebody_new(administrator):
    group = Group.objects.create(name="Coordinators")
    fields = {"username": "new", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    powers = {"is_staff": "on", "is_superuser": "on", "groups": group.pk}
    assert administrator.post(f"{reverse('admin:auth_user_add')}?_popup=1", {**fields, **powers}).status_code in (
        200,
        302,
    )
    new = User.objects.get(username="new")
    administrator.post(change_address(new), {"username": "new", "is_active": "on", **powers})
    new.refresh_from_db()
    assert (new.is_staff, new.is_superuser, new.groups.exists()) == (False, False, False)


def test_the_page_of_groups_offers_nobody_but_administrators_to_change_one(staff):
    group = Group.objects.create(name="Coordinators")
    client = staff("auth.view_group", "auth.change_group", "auth.delete_group", "auth.add_group")
    fields = {"name": "Kings", "permissions": [permission("notifications.view_contact").pk]}
    assert client.post(change_address(group), fields).status_code == 403
    assert client.post(f"{reverse('admin:auth_group_add')}?_popup=1", fields).status_code == 403
    assert client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    assert not group.permissions.exists()


@pytest.mark.parametrize("verb", ["make_token", "revoke_token"])
def test_tokens_are_for_administrators_alone(administrator, verb):
    user = who_may()
    token = Token.objects.create(user=user)
    url = change_address(user).replace("/change/", f"/{verb}/")
    assert administrator.post(url, {"_form_submitted": "True"}).status_code == 403
    assert Token.objects.get() == token
