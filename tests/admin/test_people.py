"""Organisations, chapters and mentors: what is given once stays, what is in use isn't deleted."""

from datetime import date

import pytest

from notifications.models import Contact
from scenarios.models import Chapter, Organization, PeerMentor, PromptTemplate
from scenarios.operations import state_known_since
from tests.admin.cast import make_decision, make_named_mentor
from tests.admin.pages import address, change_address, filled_in
from tests.factories import (
    NOW,
    days,
    make_chapter,
    make_membership,
    make_mentor,
    make_opt_out,
    make_organization,
    make_pause,
    make_rule,
    make_template,
)

pytestmark = pytest.mark.django_db


def delete(client, row):
    return client.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code


def listed(client, **asked) -> list[PeerMentor]:
    return list(client.get(address(PeerMentor, "changelist"), asked).context["cl"].result_list)


def test_an_organisation_keeps_its_id(admin_client):
    organization = make_organization()
    url = change_address(organization)
    admin_client.post(url, filled_in(admin_client, url, id="org_other", name="New name"))
    assert Organization.objects.get().name == "New name"
    assert Organization.objects.get().pk == organization.pk


def test_since_when_activities_are_complete_is_one_date_on_the_organisations_page(admin_client, admin_user):
    organization = make_organization()
    url = change_address(organization)
    for stated in ("2026-01-01", "2026-02-01", "2026-02-01"):
        admin_client.post(url, filled_in(admin_client, url, activities_known_since=stated))
    statements = organization.known_since_statements.order_by("id")
    assert [str(said.known_since) for said in statements] == ["2026-01-01", "2026-02-01"]
    assert [said.withdrawn_at is None for said in statements] == [False, True]
    assert {said.stated_by for said in statements} == {admin_user}
    assert filled_in(admin_client, url)["activities_known_since"] == "2026-02-01"


def test_activities_can_not_be_complete_since_a_day_to_come(admin_client):
    organization = make_organization()
    url = change_address(organization)
    page = admin_client.post(url, filled_in(admin_client, url, activities_known_since="2126-01-01"))
    assert "This day is still to come." in page.content.decode()
    assert not organization.known_since_statements.exists()


def test_who_may_only_look_at_an_organisation_sees_since_when_activities_are_complete(staff):
    organization = make_organization()
    state_known_since(organization, date(2026, 1, 1), now=NOW)
    page = staff("scenarios.view_organization").get(change_address(organization))
    assert "2026-01-01" in page.content.decode()


def test_an_organisation_made_by_mistake_can_go_and_one_in_use_stays(admin_client):
    unused, used = make_organization(), make_mentor().organization
    assert (delete(admin_client, unused), delete(admin_client, used)) == (302, 403)
    assert list(Organization.objects.all()) == [used]


def test_a_chapter_in_use_stays(admin_client):
    chapter = make_chapter()
    make_membership(make_mentor(chapter.organization), chapter)
    assert delete(admin_client, chapter) == 403
    assert Chapter.objects.filter(pk=chapter.pk).exists()


def test_a_brief_that_a_rule_sends_or_whose_wording_was_approved_stays(admin_client):
    unused, approved, used = make_template(), make_template(), make_rule().prompt_template
    for template in (unused, used):
        template.variants.update(state="draft", approved_at=None)
    assert [delete(admin_client, template) for template in (unused, approved, used)] == [302, 403, 403]
    assert set(PromptTemplate.objects.all()) == {approved, used}


def test_a_mentor_is_not_deleted(admin_client):
    mentor = make_named_mentor()
    assert delete(admin_client, mentor) == 403


def test_a_mentor_is_added_with_a_name_and_a_chapter(admin_client):
    chapter = make_chapter()
    url = address(PeerMentor, "add")
    fields = {
        "user_id": "usr_new",
        "organization": chapter.organization_id,
        "joined_at_0": "2026-03-01",
        "joined_at_1": "12:00:00",
        "contact-0-name": "Kari Nordmann",
        "contact-0-email": "kari@example.org",
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-chapter": chapter.pk,
        "memberships-0-starts_at_0": "2026-03-01",
        "memberships-0-starts_at_1": "12:00:00",
    }
    admin_client.post(url, filled_in(admin_client, url, **fields))
    mentor = PeerMentor.objects.get(user_id="usr_new")
    assert Contact.objects.get(mentor=mentor).name == "Kari Nordmann"
    assert mentor.memberships.get().chapter == chapter


def test_a_mentor_who_leaves_is_recorded_as_leaving(admin_client):
    mentor = make_named_mentor()
    url = change_address(mentor)
    admin_client.post(url, filled_in(admin_client, url, left_at_0="2026-03-20", left_at_1="12:00:00"))
    mentor.refresh_from_db()
    assert mentor.left_at is not None
    assert mentor.left_recorded_at is not None


def test_a_mentor_is_found_by_name(admin_client):
    mentor, _other = make_named_mentor(), make_named_mentor()
    assert listed(admin_client, q=mentor.contact.name) == [mentor]


def test_mentors_are_filtered_by_situation(admin_client):
    active, paused, opted_out, left, silent = (make_named_mentor() for _n in range(5))
    make_pause(paused, starts_at=NOW - days(9))
    make_opt_out(opted_out)
    PeerMentor.objects.filter(pk=left.pk).update(left_at=NOW, left_recorded_at=NOW)
    Contact.objects.filter(mentor=silent).update(email="")
    assert listed(admin_client, situation="paused") == [paused]
    assert listed(admin_client, situation="opted_out") == [opted_out]
    assert listed(admin_client, situation="left") == [left]
    assert listed(admin_client, situation="unreachable") == [silent]
    assert set(listed(admin_client, situation="active")) == {active, opted_out, silent}


def test_a_chapters_mentors_are_those_who_belong_to_it_now(admin_client):
    chapter = make_chapter()
    member, former = (make_named_mentor(organization=chapter.organization) for _ in range(2))
    make_membership(member, chapter)
    make_membership(former, chapter, ends_at=NOW - days(1))
    assert listed(admin_client, memberships__chapter__id__exact=chapter.pk) == [member]


def test_the_mentors_page_says_what_was_decided_and_why(admin_client):
    mentor = make_named_mentor()
    make_decision(mentor)
    text = admin_client.get(change_address(mentor)).content.decode()
    assert mentor.contact.name in text
    assert "No activity logged for 20 days; the rule allows 14. Told." in text


def test_the_decision_says_it_in_words(admin_client):
    text = admin_client.get(change_address(make_decision())).content.decode()
    assert "No activity logged for 20 days; the rule allows 14. Told." in text
    assert "Counted from: 5 Mar 2026, 12:00" in text
    assert "version 1: No activity for a while, 14 days" in text


def test_a_notification_shows_the_mail_as_it_was_delivered(admin_client, settings, tmp_path):
    from django.core.mail import EmailMessage

    from notifications.mailfiles import EmailBackend
    from tests.admin.cast import make_notification

    settings.EMAIL_FILE_PATH = tmp_path
    notification = make_notification()
    mail = EmailMessage("How are you?", "Dear Kari", to=["k@example.org"])
    mail.extra_headers["Message-ID"] = notification.message_id
    EmailBackend().send_messages([mail])
    text = admin_client.get(change_address(notification)).content.decode()
    assert "To: k@example.org" in text


def test_where_no_mail_is_kept_nothing_is_said_of_it(admin_client, settings, tmp_path):
    from tests.admin.cast import make_notification

    settings.EMAIL_FILE_PATH = tmp_path
    text = admin_client.get(change_address(make_notification())).content.decode()
    assert "as it was delivered" not in text


def test_a_chapter_of_another_organisation_is_refused_beside_the_field(admin_client):
    mentor, elsewhere = make_named_mentor(), make_chapter()
    url = change_address(mentor)
    page = admin_client.post(url, filled_in(admin_client, url, **{"memberships-0-chapter": elsewhere.pk}))
    assert "This chapter belongs to another organisation than the mentor." in page.content.decode()
    assert not mentor.memberships.filter(chapter=elsewhere).exists()
