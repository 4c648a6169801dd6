"""Many who correct and delete the same at the same moment: the last one wins, and nobody hears that it isn't there."""

import pytest
from rest_framework.test import APIClient

from scenarios import operations
from scenarios.models import Activity, Certification, Membership, Pause, PeerMentor
from scenarios.models.facts import Fact
from tests.factories import (
    LONG_AGO,
    NOW,
    days,
    make_activity,
    make_certification,
    make_chapter,
    make_mentor,
    make_pause,
)
from tests.together import together_for

from .evaluations import EVALUATIONS, activity_of, posted

pytestmark = pytest.mark.django_db(transaction=True)
V1 = "/api/v1"
ROUNDS = 25


@pytest.fixture(autouse=True)
def public(settings):
    settings.API_ACCESS = "public"


@pytest.fixture
def mentor():
    return make_mentor()


def client() -> APIClient:
    return APIClient(raise_request_exception=False)


def facts_of(kind: type[Fact], mentor: PeerMentor, rounds: int = ROUNDS) -> list[str]:
    """Make one fact for each round; return their addresses."""
    if kind is Activity:
        return [f"{V1}/activities/{make_activity(mentor).activity_id}" for _ in range(rounds)]
    if kind is Certification:
        made = [make_certification(mentor, expires_at=NOW + days(90)) for _ in range(rounds)]
        return [f"{V1}/certifications/{one.certification_id}" for one in made]
    return [
        f"{V1}/pauses/{make_pause(mentor, starts_at=LONG_AGO + days(n), ends_at=LONG_AGO + days(n + 0.5)).pk}"
        for n in range(rounds)
    ]


CHANGES = {
    Activity: ({"activity_type": "call"}, {"participants": 3}),
    Certification: ({"kind": "Advanced"}, {"issued_at": "2020-01-01T00:00:00Z"}),
    Pause: ({"ends_at": "2030-01-01T00:00:00Z"}, {"ends_at": "2031-01-01T00:00:00Z"}),
}
with_a_key = pytest.mark.parametrize("kind", [Activity, Certification])
every_kind = pytest.mark.parametrize("kind", [Activity, Certification, Pause])


@with_a_key
def test_a_deletion_that_meets_two_corrections_deletes(mentor, kind):
    addresses = facts_of(kind, mentor)
    one, other = CHANGES[kind]
    rounds = together_for(
        ROUNDS,
        lambda n: client().put(addresses[n], one).status_code,
        lambda n: client().put(addresses[n], other).status_code,
        lambda n: client().delete(addresses[n]).status_code,
    )
    assert [answers[2] for answers in rounds] == [200] * ROUNDS
    # Who corrects what is deleted by then hears so.
    assert {status for answers in rounds for status in answers[:2]} <= {200, 404}
    assert not kind.objects.standing().exists()


@with_a_key
def test_of_corrections_that_meet_each_is_kept_and_none_hears_that_there_is_nothing(mentor, kind):
    addresses = facts_of(kind, mentor)
    one, other = CHANGES[kind]
    rounds = together_for(ROUNDS, *[lambda n, said=said: client().put(addresses[n], said) for said in (one, other)])
    assert {answer.status_code for answers in rounds for answer in answers} == {200}
    for address in addresses:
        assert client().get(address).json().items() >= (one | other).items(), "what the other one doesn't name stays"
    assert kind.objects.standing().count() == ROUNDS


@every_kind
def test_nobody_hears_that_there_is_nothing_where_something_stands(mentor, kind):
    addresses = facts_of(kind, mentor)
    one, other = CHANGES[kind]
    rounds = together_for(
        ROUNDS,
        lambda n: client().put(addresses[n], one).status_code,
        lambda n: client().put(addresses[n], other).status_code,
    )
    assert 404 not in {status for answers in rounds for status in answers}
    assert kind.objects.standing().count() == ROUNDS


def test_a_pause_that_is_corrected_while_it_is_deleted_is_gone_or_a_conflict(mentor):
    addresses = facts_of(Pause, mentor)
    change, _other = CHANGES[Pause]
    rounds = together_for(
        ROUNDS,
        lambda n: client().put(addresses[n], change).status_code,
        lambda n: client().delete(addresses[n]).status_code,
    )
    for corrected, deleted in rounds:
        assert (corrected, deleted) in {(200, 409), (409, 200), (404, 200)}
    standing = Pause.objects.standing().count()
    assert standing == sum(corrected == 200 for corrected, _deleted in rounds)


def test_many_corrections_of_one_certification_are_all_taken(mentor):
    (address,) = facts_of(Certification, mentor, rounds=1)
    rounds = together_for(
        3, *[lambda n, k=k: client().put(address, {"kind": f"{n}.{k}"}).status_code for k in range(8)]
    )
    assert {status for answers in rounds for status in answers} == {200}
    assert Certification.objects.standing().count() == 1


def test_who_stores_again_what_is_deleted_at_that_moment_is_told_no_lie(mentor):
    """Either it was there still, or there is a new one; nobody hears that it says something else."""
    made = [make_activity(mentor) for _ in range(ROUNDS)]
    same = [activity_of(mentor, id=one.activity_id, activity_type="visit") for one in made]
    rounds = together_for(
        ROUNDS,
        lambda n: client().post(f"{V1}/activities", same[n]).status_code,
        lambda n: client().delete(f"{V1}/activities/{same[n]['id']}").status_code,
    )
    assert {stored for stored, _deleted in rounds} <= {200, 201}
    assert {deleted for _stored, deleted in rounds} == {200}


def test_an_evaluation_of_an_activity_that_is_deleted_at_that_moment_is_answered(mentor):
    chapter = make_chapter(mentor.organization)
    said = [posted(mentor, chapter, id=f"act_x{n}") for n in range(ROUNDS)]
    for one in said:
        assert client().post(EVALUATIONS, one).status_code == 201
    rounds = together_for(
        ROUNDS,
        lambda n: client().post(EVALUATIONS, said[n]).status_code,
        lambda n: client().delete(f"{V1}/activities/act_x{n}").status_code,
    )
    assert {answer for answers in rounds for answer in answers} <= {200, 201}


def test_a_pause_that_is_made_open_while_another_is_stored_open_is_a_conflict_for_one_of_them():
    mentors = [make_mentor() for _ in range(ROUNDS)]
    pauses = [make_pause(mentor, starts_at=LONG_AGO, ends_at=NOW) for mentor in mentors]
    another = [{"user_id": mentor.user_id, "starts_at": "2026-05-01T00:00:00Z"} for mentor in mentors]
    rounds = together_for(
        ROUNDS,
        lambda n: client().put(f"{V1}/pauses/{pauses[n].pk}", {"ends_at": None}).status_code,
        lambda n: client().post(f"{V1}/pauses", another[n]).status_code,
    )
    assert {tuple(answers) for answers in rounds} <= {(200, 409), (409, 201)}
    assert Pause.objects.standing().filter(ends_at__isnull=True).count() == ROUNDS


def test_a_mentor_who_is_moved_while_staff_end_the_membership_is_moved_or_a_conflict():
    mentors = [make_mentor() for _ in range(ROUNDS)]
    old = [make_chapter(mentor.organization) for mentor in mentors]
    new = [make_chapter(mentor.organization) for mentor in mentors]
    memberships = [
        Membership.objects.create(mentor=mentor, chapter=chapter, starts_at=LONG_AGO, recorded_at=LONG_AGO)
        for mentor, chapter in zip(mentors, old, strict=True)
    ]

    def by_staff(n):
        try:
            operations.withdraw(memberships[n], now=NOW + days(900))
        except Membership.DoesNotExist:
            return "changed meanwhile"
        return "withdrawn"

    rounds = together_for(
        ROUNDS,
        lambda n: client().put(f"{V1}/peer-mentors/{mentors[n].user_id}", {"chapter_ids": [new[n].pk]}).status_code,
        by_staff,
    )
    assert {tuple(answers) for answers in rounds} <= {
        (200, "withdrawn"),
        (409, "withdrawn"),
        (200, "changed meanwhile"),
    }
