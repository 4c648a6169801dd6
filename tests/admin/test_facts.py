"""Facts are never overwritten: an edit withdraws the old row and inserts the new one."""

import pytest
from django.contrib.admin.models import LogEntry

from scenarios.admin.facts import PauseAdmin
from scenarios.models import Activity, Certification, OptOut, Pause
from tests.admin.cast import make_evaluation, make_named_mentor
from tests.admin.pages import address, change_address, filled_in
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_certification,
    make_chapter,
    make_human_contact,
    make_membership,
    make_mentor,
    make_opt_out,
    make_pause,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor():
    return make_named_mentor()


@pytest.fixture
def pause(mentor):
    return make_pause(mentor, starts_at=NOW - days(3))


def test_editing_a_pause_withdraws_it_and_inserts_what_it_says_now(admin_client, pause):
    url = change_address(pause)
    admin_client.post(url, filled_in(admin_client, url, ends_at_0="2026-04-01", ends_at_1="12:00:00"))
    pause.refresh_from_db()
    assert pause.withdrawn_at is not None
    assert pause.ends_at is None
    stored = Pause.objects.standing().get()
    assert stored.ends_at.date().isoformat() == "2026-04-01"


def test_a_pause_is_edited_on_the_mentors_page_in_the_same_way(admin_client, mentor, pause):
    url = change_address(mentor)
    changes = {"pauses-0-ends_at_0": "2026-04-01", "pauses-0-ends_at_1": "12:00:00"}
    assert admin_client.post(url, filled_in(admin_client, url, **changes)).status_code == 302
    pause.refresh_from_db()
    assert pause.withdrawn_at is not None
    assert Pause.objects.standing().get().ends_at is not None


def test_a_mentors_page_saved_as_it_is_stores_nothing(admin_client, mentor, pause):
    make_membership(mentor, make_chapter(mentor.organization))
    make_human_contact(mentor, contacted_at=NOW.replace(second=17, microsecond=123456))
    make_certification(mentor, expires_at=NOW + days(9))
    make_opt_out(mentor, "inactivity")
    url = change_address(mentor)
    assert admin_client.post(url, filled_in(admin_client, url)).status_code == 302
    for facts in (mentor.pauses, mentor.memberships, mentor.human_contacts, mentor.certifications, mentor.opt_outs):
        assert not facts.filter(withdrawn_at__isnull=False).exists()


def test_a_new_pause_on_the_mentors_page_is_inserted(admin_client, mentor):
    url = change_address(mentor)
    changes = {"pauses-TOTAL_FORMS": "1", "pauses-0-starts_at_0": "2026-03-01", "pauses-0-starts_at_1": "08:00:00"}
    admin_client.post(url, filled_in(admin_client, url, **changes))
    assert Pause.objects.standing().get().mentor == mentor


def test_removing_a_row_on_the_mentors_page_withdraws_it(admin_client, mentor, pause):
    url = change_address(mentor)
    admin_client.post(url, filled_in(admin_client, url, **{"pauses-0-DELETE": "on"}))
    pause.refresh_from_db()
    assert pause.withdrawn_at is not None


def test_an_edit_of_what_somebody_else_has_just_changed_is_refused(admin_client, mentor, pause):
    url = change_address(mentor)
    changes = {"pauses-0-ends_at_0": "2026-04-01", "pauses-0-ends_at_1": "12:00:00"}
    stale = filled_in(admin_client, url, **changes)
    pause.withdrawn_at = NOW + days(1)
    pause.save()
    assert admin_client.post(url, stale).status_code == 200
    assert not Pause.objects.standing().exists()


def test_deleting_a_fact_withdraws_it_even_where_others_refer_to_it(admin_client):
    activity = make_evaluation().activity
    url = address(Activity, "delete", activity.pk)
    assert "Take back" in admin_client.get(url).content.decode()
    admin_client.post(url, {"post": "yes"})
    activity.refresh_from_db()
    assert activity.withdrawn_at is not None


def test_a_withdrawn_fact_can_be_looked_at_and_no_more(admin_client, pause):
    pause.withdrawn_at = NOW
    pause.save()
    assert admin_client.get(change_address(pause)).status_code == 200
    assert admin_client.post(change_address(pause), {}).status_code == 403
    assert admin_client.post(address(Pause, "delete", pause.pk), {"post": "yes"}).status_code == 403


def test_the_list_shows_what_holds_unless_asked_for_the_rest(admin_client, pause):
    withdrawn = make_pause(make_mentor(), starts_at=NOW - days(9), withdrawn_at=NOW)
    shown = lambda **asked: set(admin_client.get(address(Pause, "changelist"), asked).context["cl"].result_list)  # noqa: E731
    assert shown() == {pause}
    assert shown(shown="withdrawn") == {withdrawn}
    assert shown(shown="all") == {pause, withdrawn}


def test_an_activity_can_be_logged_by_hand(admin_client, mentor):
    data = {
        "mentor": mentor.pk,
        "activity_id": "act_by_hand",
        "activity_type": "visit",
        "completed_at_0": "2026-03-25",
        "completed_at_1": "12:00",
        "is_group": "unknown",
    }
    admin_client.post(address(Activity, "add"), data)
    assert Activity.objects.get(activity_id="act_by_hand").mentor == mentor


def test_an_edited_activity_keeps_its_id_and_its_mentor(admin_client, mentor):
    activity = make_activity(mentor)
    url = change_address(activity)
    changes = {"activity_type": "call", "activity_id": "act_other", "mentor": make_mentor().pk}
    admin_client.post(url, filled_in(admin_client, url, **changes))
    stored = Activity.objects.standing().get(activity_id=activity.activity_id)
    assert (stored.activity_type, stored.mentor) == ("call", mentor)


def test_opting_out_twice_of_the_same_is_refused_in_words(admin_client, mentor):
    make_opt_out(mentor, "inactivity")
    page = admin_client.post(address(OptOut, "add"), {"mentor": mentor.pk, "trigger_type": "inactivity"})
    assert "This mentor has already opted out of this." in page.content.decode()


def test_a_certification_must_expire_after_it_was_issued(admin_client, mentor):
    data = {
        "mentor": mentor.pk,
        "certification_id": "cert_1",
        "kind": "Basic course",
        "issued_at_0": "2026-03-25",
        "issued_at_1": "12:00",
        "expires_at_0": "2026-03-24",
        "expires_at_1": "12:00",
    }
    page = admin_client.post(address(Certification, "add"), data)
    assert "A certification must expire after it was issued." in page.content.decode()


def test_the_log_of_changes_keeps_no_name(admin_client, mentor):
    url = change_address(mentor)
    admin_client.post(url, filled_in(admin_client, url, **{"contact-0-name": "Kari Hemmelig"}))
    mentor.contact.refresh_from_db()
    assert mentor.contact.name == "Kari Hemmelig"
    entry = LogEntry.objects.get()
    assert "Kari" not in entry.object_repr + entry.change_message
    assert mentor.user_id in entry.change_message


def test_taking_back_what_somebody_else_has_just_changed_is_refused_in_words(admin_client, pause, monkeypatch):
    """The page was asked for while the pause stood; the other change lies between the look and the deed."""
    took_back = PauseAdmin.delete_model

    def meanwhile(self, request, obj):
        Pause.objects.filter(pk=obj.pk).update(withdrawn_at=NOW + days(1))
        took_back(self, request, obj)

    monkeypatch.setattr(PauseAdmin, "delete_model", meanwhile)
    page = admin_client.post(address(Pause, "delete", pause.pk), {"post": "yes"}, follow=True)
    assert "Somebody else has changed this in the meantime." in page.content.decode()


def test_what_two_store_at_the_same_moment_is_refused_in_words_for_the_second(admin_client, mentor, monkeypatch):
    stored = PauseAdmin.save_model

    def meanwhile(self, request, obj, form, change):
        make_pause(mentor, starts_at=NOW)
        stored(self, request, obj, form, change)

    monkeypatch.setattr(PauseAdmin, "save_model", meanwhile)
    data = {"mentor": mentor.pk, "starts_at_0": "2026-03-01", "starts_at_1": "08:00:00"}
    page = admin_client.post(address(Pause, "add"), data, follow=True)
    assert "Somebody else has changed this in the meantime." in page.content.decode()
