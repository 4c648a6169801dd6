"""What the brake holds is a question to a coordinator: why, how many, and two buttons that ask once more."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from scenarios.models import Clearance, Decision
from scheduler.models import Run
from tests.admin.cast import make_decision, make_named_mentor, make_run
from tests.admin.pages import address, change_address, filled_in
from tests.factories import NOW, make_organization, make_rule

pytestmark = pytest.mark.django_db

SENTENCE = "120 of 148 mentors would hear “We miss you” today; usually it is 3. Was an import of activities lost?"


@pytest.fixture
def held():
    """A held part of a run, in which three mentors wait, and another part of it, in which one does."""
    run = make_run(id="run_1", status="held")
    organization, rule = make_organization(name="Likepersoner i Oslo"), make_rule()
    for whose in (organization, organization, organization, make_organization()):
        mentor = make_named_mentor(organization=whose)
        make_decision(mentor, rule=rule, run_id=run.pk, outcome="pending", settled_at=None)
    return Clearance.objects.create(
        run_id=run.pk,
        organization=organization,
        status="held",
        explanation=SENTENCE,
        active_mentors=148,
        told=120,
        usual=3,
        judged_at=NOW,
    )


def dialogue(clearance, verb: str) -> str:
    return change_address(clearance).replace("/change/", f"/{verb}/")


def press(client, clearance, verb: str):
    return client.post(dialogue(clearance, verb), {"_form_submitted": "True"}, follow=True)


def test_the_page_says_why_how_many_and_until_when(admin_client, held):
    page = admin_client.get(change_address(held)).content.decode()
    for said in (SENTENCE, "3 mentors wait for your answer", "26 Mar 2026, 11:45", "120 of 148", "Release: tell them"):
        assert said in page


def test_the_page_leads_to_just_those_who_are_concerned(admin_client, held):
    page = admin_client.get(change_address(held))
    found = admin_client.get(page.context["decisions_url"]).context["cl"]
    assert found.result_count == 3
    assert {decision.organization for decision in found.result_list} == {held.organization}


@pytest.mark.parametrize(
    ("verb", "says"), [("release", "3 mentors will hear from us."), ("discard", "3 mentors won&#x27;t hear of it.")]
)
def test_each_button_asks_first_and_says_how_many_are_concerned(admin_client, held, verb, says):
    asked = admin_client.get(dialogue(held, verb)).content.decode()
    assert says in asked.replace("won't", "won&#x27;t")
    assert SENTENCE in asked
    held.refresh_from_db()
    assert held.status == "held"


@pytest.mark.parametrize(
    ("verb", "status", "outcome"), [("release", "released", "pending"), ("discard", "discarded", "withdrawn")]
)
def test_a_part_is_settled_in_ones_own_name(admin_client, held, verb, status, outcome):
    page = press(admin_client, held, verb)
    held.refresh_from_db()
    assert (held.status, held.settled_by) == (status, "admin")
    assert set(Decision.objects.filter(organization=held.organization).values_list("outcome", flat=True)) == {outcome}
    assert Decision.objects.filter(outcome="pending").count() == (4 if verb == "release" else 1)
    assert LogEntry.objects.get().user.username == "admin"
    assert "Release: tell them" not in page.content.decode()


def test_who_comes_second_is_told_who_came_first(admin_client, admin_user, held):
    press(admin_client, held, "discard")
    page = press(admin_client, held, "release").content.decode()
    assert f"{admin_user.username} has already discarded this part." in page
    held.refresh_from_db()
    assert held.status == "discarded"


def test_who_may_only_look_settles_nothing(staff, held):
    client = staff("scenarios.view_clearance")
    page = client.get(change_address(held)).content.decode()
    assert SENTENCE in page
    assert "Release: tell them" not in page
    for verb in ("release", "discard"):
        assert press(client, held, verb).status_code == 403
    held.refresh_from_db()
    assert held.status == "held"


def test_the_first_page_leads_to_what_is_held(admin_client, held):
    Clearance.objects.create(run_id="run_2", organization=held.organization, status="cleared", judged_at=NOW)
    rows = admin_client.get(reverse("admin:index")).context["waiting"]
    (url,) = [row["url"] for row in rows if "held" in row["words"]]
    assert list(admin_client.get(url).context["cl"].result_list) == [held]


def test_the_list_shows_the_numbers_beside_what_is_usual(admin_client, held):
    page = admin_client.get(address(Clearance, "changelist")).content.decode()
    for said in ("Likepersoner i Oslo", "120 of 148", SENTENCE):
        assert said in page


def test_the_run_leads_to_its_held_part(admin_client, held):
    run = Run.objects.get()
    assert change_address(held) in admin_client.get(change_address(run)).content.decode()


def test_an_organisation_says_when_a_person_is_asked_first(admin_client):
    organization = make_organization(brake_limit_percent=25)
    url = change_address(organization)
    admin_client.post(url, filled_in(admin_client, url, brake_limit_percent="40", brake_fewest="12"))
    organization.refresh_from_db()
    assert (organization.brake_limit_percent, organization.brake_fewest) == (40, 12)
    page = admin_client.post(url, filled_in(admin_client, url, brake_limit_percent="0"))
    assert page.status_code == 200
    organization.refresh_from_db()
    assert organization.brake_limit_percent == 40
