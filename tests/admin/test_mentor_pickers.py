"""Wherever a mentor is chosen, a coordinator reads whom: the name, the chapters, the organisation."""

import pytest
from django.contrib import admin
from django.urls import reverse

from scenarios.models import Pause, PeerMentor
from tests.admin.cast import make_named_mentor
from tests.admin.pages import REGISTERED, address
from tests.factories import make_chapter, make_contact, make_membership, make_mentor, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def marit():
    organization = make_organization(name="Likepersoner i Oslo")
    mentor = make_mentor(organization, user_id="usr_mentor_2580")
    make_contact(mentor, name="Marit Næss")
    make_membership(mentor, make_chapter(organization, name="Frogner"))
    return mentor


def offered(client, term: str, **asked) -> list[str]:
    picker = {"app_label": "scenarios", "model_name": "pause", "field_name": "mentor", "term": term, **asked}
    return [result["text"] for result in client.get(reverse("admin:autocomplete"), picker).json()["results"]]


def test_a_picker_says_who_it_is_and_from_where(admin_client, marit):
    assert offered(admin_client, "marit") == ["Marit Næss · Frogner · Likepersoner i Oslo"]


def test_two_of_one_name_are_told_apart_by_their_user_ids(admin_client, marit):
    make_contact(make_mentor(marit.organization, user_id="usr_mentor_7000"), name="Marit Næss")
    assert offered(admin_client, "marit") == [
        "Marit Næss · usr_mentor_2580 · Frogner · Likepersoner i Oslo",
        "Marit Næss · usr_mentor_7000 · Likepersoner i Oslo",
    ]


def test_a_user_id_still_finds_its_mentor(admin_client, marit):
    assert offered(admin_client, "usr_mentor_2580") == ["Marit Næss · Frogner · Likepersoner i Oslo"]


def test_who_may_not_see_names_is_offered_user_ids(staff, marit):
    client = staff("scenarios.view_peermentor", "scenarios.add_pause", "scenarios.view_pause")
    assert offered(client, "marit") == []
    assert offered(client, "2580") == ["usr_mentor_2580 · Frogner · Likepersoner i Oslo"]


def test_what_was_chosen_reads_as_it_was_offered(admin_client, marit):
    page = admin_client.get(address(Pause, "add"), {"mentor": marit.pk}).content.decode()
    assert "Marit Næss · Frogner · Likepersoner i Oslo" in page


def test_no_form_of_the_admin_calls_a_mentor_by_the_user_id(rf, admin_user, marit):
    request = rf.get("/")
    request.user, request.resolver_match = admin_user, None
    called = []
    for model in REGISTERED:
        for field in model._meta.fields:
            if field.related_model is PeerMentor:
                chosen = admin.site._registry[model].formfield_for_foreignkey(field, request)
                called.append(chosen.label_from_instance(marit))
    assert len(called) > 5
    assert set(called) == {"Marit Næss · Frogner · Likepersoner i Oslo"}


def test_a_picker_asks_as_often_for_many_as_for_few(admin_client, django_assert_max_num_queries):
    for _n in range(15):
        make_named_mentor()
    offered(admin_client, "")
    with django_assert_max_num_queries(7):
        assert len(offered(admin_client, "")) == 15
