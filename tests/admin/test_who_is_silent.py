"""The list of mentors says who has gone quiet, and calls nobody silent of whom nothing can be known yet."""

import pytest
from django.utils import timezone

from notifications.admin.situation import situation_badge
from scenarios.models import PeerMentor
from tests.admin.pages import address
from tests.admin.test_people import listed
from tests.factories import days, make_chapter, make_contact, make_membership, make_mentor, make_pause

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def people(now):
    """One active, one silent for 20 days, one for 246, and one who joined long ago and never logged anything."""
    cast = {}
    for name, idle_for in (("busy", 2), ("quiet", 20), ("silent", 246), ("never", None)):
        cast[name] = make_mentor(idle_for=days(idle_for) if idle_for else None, now=now, joined_at=now - days(400))
        make_contact(cast[name], name=f"Kari {name}")
        PeerMentor.objects.filter(pk=cast[name].pk).update(recorded_at=now - days(400))
    return cast


def names(client, **asked) -> list[str]:
    return [mentor.contact.name.split()[1] for mentor in listed(client, **asked)]


def column(client, name: str) -> str:
    page = client.get(address(PeerMentor, "changelist"))
    place = page.context["cl"].list_display.index(name) + 1
    return str(place)


def test_mentors_are_sorted_by_their_last_activity(admin_client, people):
    place = column(admin_client, "last_activity")
    assert names(admin_client, o=place) == ["never", "silent", "quiet", "busy"]
    assert names(admin_client, o=f"-{place}") == ["busy", "quiet", "silent", "never"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("14", {"quiet", "silent", "never"}),
        ("30", {"silent", "never"}),
        ("90", {"silent", "never"}),
        ("never", {"never"}),
    ],
)
def test_mentors_are_filtered_by_how_long_they_have_been_silent(admin_client, people, asked, found):
    assert set(names(admin_client, silent=asked)) == found


def test_an_unknown_silence_filters_nothing(admin_client, people):
    assert len(names(admin_client, silent="x")) == 4


def test_the_list_says_how_many_days_ago_the_last_activity_was(admin_client, people):
    text = admin_client.get(address(PeerMentor, "changelist")).content.decode()
    assert "246 days ago" in text
    assert "no activity yet" in text


def test_who_is_silent_is_no_green_active(admin_client, people, now):
    text = admin_client.get(address(PeerMentor, "changelist"), {"silent": "30"}).content.decode()
    assert "silent 246 days" in text
    assert "silent 400 days" in text
    rows = admin_client.get(address(PeerMentor, "changelist"), {"silent": "30"}).context["cl"].result_list
    assert all("active" not in situation_badge(mentor, now) for mentor in rows)


def test_who_was_entered_yesterday_is_not_silent_for_the_years_before(admin_client, now):
    mentor = make_mentor(idle_for=days(300), now=now, joined_at=now - days(900))
    PeerMentor.objects.filter(pk=mentor.pk).update(recorded_at=now - days(1))
    assert listed(admin_client, silent="14") == []
    assert "silent 300" not in admin_client.get(address(PeerMentor, "changelist")).content.decode()


def test_a_break_is_no_silence(admin_client, people, now):
    make_pause(people["silent"], starts_at=now - days(200), ends_at=now - days(10), recorded_at=now - days(200))
    make_pause(people["never"], starts_at=now - days(200), recorded_at=now - days(200))
    assert set(names(admin_client, silent="14")) == {"quiet"}


def test_the_list_shows_chapters_and_no_user_ids_to_those_who_see_names(admin_client, staff, people):
    mentor = people["busy"]
    make_membership(mentor, make_chapter(mentor.organization, name="Frogner"))
    text = admin_client.get(address(PeerMentor, "changelist")).content.decode()
    assert "Frogner" in text
    assert mentor.user_id not in text
    pseudonymous = staff("scenarios.view_peermentor").get(address(PeerMentor, "changelist")).content.decode()
    assert mentor.user_id in pseudonymous
