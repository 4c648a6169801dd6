"""What is sent is exactly what somebody approved."""

import pytest

from notifications.models import Variant
from tests.admin.pages import address, change_address, filled_in
from tests.factories import LONG_AGO, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved():
    return make_template().variants.get()


@pytest.fixture
def draft(approved):
    return Variant.objects.create(template=approved.template, language="en", subject="Hi", body="Hi $first_name")


def save_and_approve(client, variant):
    url = change_address(variant)
    return client.post(url, filled_in(client, url, notifications_variant_approve=""))


def test_an_edit_of_an_approved_wording_becomes_a_draft_beside_it(admin_client, approved):
    url, before = change_address(approved), approved.body
    page = admin_client.post(url, filled_in(admin_client, url, body="Other words"), follow=True)
    approved.refresh_from_db()
    assert (approved.body, approved.approved_at is not None) == (before, True)
    assert Variant.objects.get(state="draft").body == "Other words"
    assert "The approved wording is still what is sent" in page.content.decode()


def test_an_approved_wording_saved_as_it_is_makes_no_draft(admin_client, approved):
    url = change_address(approved)
    admin_client.post(url, filled_in(admin_client, url))
    assert list(Variant.objects.all()) == [approved]


def test_a_draft_is_edited_in_place(admin_client, draft):
    url = change_address(draft)
    admin_client.post(url, filled_in(admin_client, url, subject="Hello"))
    draft.refresh_from_db()
    assert (draft.subject, draft.approved_at) == ("Hello", None)


def test_approving_says_who_and_takes_the_former_wordings_place(admin_client, admin_user, approved, draft):
    save_and_approve(admin_client, draft)
    draft.refresh_from_db()
    approved.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("approved", admin_user)
    assert (approved.state, approved.approved_at, approved.retired_at) == ("retired", LONG_AGO, draft.approved_at)


def test_approving_leaves_other_languages_alone(admin_client, approved):
    norwegian = Variant.objects.create(template=approved.template, language="nb", subject="Hei", body="Hei")
    save_and_approve(admin_client, norwegian)
    approved.refresh_from_db()
    assert approved.approved_at is not None


def test_what_nothing_would_fill_is_not_approved(admin_client, draft):
    url = change_address(draft)
    page = admin_client.post(url, filled_in(admin_client, url, body="$shoe_size", notifications_variant_approve=""))
    assert "Unknown placeholder: shoe_size." in page.content.decode()
    draft.refresh_from_db()
    assert draft.approved_at is None


def test_who_may_only_look_approves_nothing(staff, draft):
    client = staff("notifications.view_variant")
    assert client.post(change_address(draft), {"notifications_variant_approve": ""}).status_code == 403
    draft.refresh_from_db()
    assert draft.approved_at is None


def test_an_approved_wording_can_not_be_deleted_and_a_draft_can(admin_client, approved, draft):
    for variant in (approved, draft):
        admin_client.post(address(Variant, "delete", variant.pk), {"post": "yes"})
    assert list(Variant.objects.all()) == [approved]


def test_the_brief_shows_its_wordings(admin_client, approved, draft):
    text = admin_client.get(change_address(approved.template)).content.decode()
    assert approved.subject in text
    assert draft.body in text
