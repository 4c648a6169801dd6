"""A conversation, a pause or an activity is logged with as little as a person knows, and never lost without a word."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.urls import reverse

from scenarios.models import Activity, Certification, HumanContact, OptOut, Pause
from tests.admin.cast import make_named_mentor
from tests.admin.pages import address, change_address, filled_in

pytestmark = pytest.mark.django_db

# Half past one in the afternoon in Oslo, where the staff's days are counted.
AT = datetime(2026, 3, 25, 12, 30, tzinfo=UTC)


@pytest.fixture
def mentor():
    return make_named_mentor()


@pytest.fixture(autouse=True)
def at(admin_user):
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def signed_in(client, admin_user):
    client.force_login(admin_user)
    return client


def test_an_added_row_that_was_left_empty_is_refused_instead_of_passing_as_saved(signed_in, mentor):
    url = change_address(mentor)
    page = signed_in.post(url, filled_in(signed_in, url, **{"human_contacts-TOTAL_FORMS": "1"}))
    assert page.status_code == 200
    assert "This field is required." in page.content.decode()
    assert not HumanContact.objects.exists()


@pytest.mark.parametrize("rows", ["memberships", "pauses", "certifications", "human_contacts"])
def test_no_kind_of_row_on_a_mentors_page_is_lost_without_a_word(signed_in, mentor, rows):
    url = change_address(mentor)
    form = filled_in(signed_in, url)
    form[f"{rows}-TOTAL_FORMS"] = str(int(form[f"{rows}-INITIAL_FORMS"]) + 1)
    assert signed_in.post(url, form).status_code == 200


def test_an_added_opt_out_that_was_left_as_it_came_is_one_of_everything(signed_in, mentor):
    url = change_address(mentor)
    signed_in.post(url, filled_in(signed_in, url, **{"opt_outs-TOTAL_FORMS": "1", "opt_outs-0-trigger_type": ""}))
    assert OptOut.objects.get().trigger_type == ""


def test_a_new_row_of_conversations_is_now_and_by_me(signed_in, mentor, admin_user):
    page = signed_in.get(change_address(mentor))
    formsets = {formset.formset.prefix: formset.formset for formset in page.context["inline_admin_formsets"]}
    new = formsets["human_contacts"].empty_form
    assert new["contacted_at"].initial == AT
    assert new["contacted_by"].initial == admin_user.pk
    assert formsets["pauses"].empty_form["starts_at"].initial == AT


@pytest.mark.parametrize(
    ("day", "logged"),
    [("2026-03-25", AT), ("2026-03-23", datetime(2026, 3, 23, 11, tzinfo=UTC))],
    ids=["today is now", "another day is noon"],
)
def test_a_day_without_a_time_is_enough(signed_in, mentor, day, logged):
    url = change_address(mentor)
    row = {"human_contacts-TOTAL_FORMS": "1", "human_contacts-0-contacted_at_0": day}
    assert signed_in.post(url, filled_in(signed_in, url, **row)).status_code == 302
    assert HumanContact.objects.get().contacted_at == logged


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (HumanContact, {"contacted_at_0": "2026-03-23"}),
        (Pause, {"starts_at_0": "2026-03-23", "ends_at_0": "2026-04-02"}),
        (Activity, {"completed_at_0": "2026-03-23", "activity_id": "act_1", "activity_type": "visit"}),
        (Certification, {"kind": "Course", "expires_at_0": "2026-04-23", "issued_at_0": "2024-04-23"}),
    ],
    ids=lambda given: given.__name__ if isinstance(given, type) else "",
)
def test_a_day_without_a_time_is_enough_on_each_page_of_its_own(signed_in, mentor, model, fields):
    before, url = model.objects.count(), address(model, "add")
    times = {name.removesuffix("_0") + "_1": "" for name in fields if name.endswith("_0")}
    page = signed_in.post(url, filled_in(signed_in, url, mentor=mentor.pk, **fields, **times))
    assert page.status_code == 302
    assert model.objects.count() == before + 1


def test_a_time_without_a_day_is_refused_beside_the_field(signed_in, mentor):
    data = {"mentor": mentor.pk, "starts_at_0": "2026-03-23", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "12:00"}
    page = signed_in.post(address(Pause, "add"), data)
    assert page.context["adminform"].form.errors == {"ends_at": ["Enter a valid date."]}


def test_a_conversation_is_logged_from_the_mentors_page_by_one_button_and_save(signed_in, mentor, admin_user):
    button = reverse("admin:scenarios_peermentor_log_conversation", args=[mentor.pk])
    assert button in signed_in.get(change_address(mentor)).content.decode()
    form = signed_in.get(button).headers["Location"]
    saved = signed_in.post(form, filled_in(signed_in, form))
    assert saved.headers["Location"] == change_address(mentor)
    logged = HumanContact.objects.get()
    assert (logged.mentor, logged.contacted_at, logged.contacted_by) == (mentor, AT, admin_user)


def test_who_may_not_log_conversations_has_no_button(staff, mentor):
    client = staff("scenarios.view_peermentor", "scenarios.change_peermentor")
    assert "Log a conversation" not in client.get(change_address(mentor)).content.decode()


def test_a_conversation_may_be_logged_for_somebody_else(signed_in, mentor):
    other = User.objects.create_user("ingrid", is_staff=True)
    url = address(HumanContact, "add")
    signed_in.post(url, filled_in(signed_in, url, mentor=mentor.pk, contacted_by=other.pk))
    assert HumanContact.objects.get().contacted_by == other
