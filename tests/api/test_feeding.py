"""Feeding mentors and facts: one or many, all or nothing, the same again is nothing new."""

import json

import pytest
from django.db.models import Model

from scenarios.models import Activity, Certification, Membership, Pause, PeerMentor
from tests.factories import NOW, make_activity, make_chapter, make_mentor, make_organization, make_pause

from .evaluations import EVALUATIONS

V1 = "/api/v1"
MODELS: dict[str, type[Model]] = {
    "activities": Activity,
    "certifications": Certification,
    "pauses": Pause,
    "peer-mentors": PeerMentor,
}
VALID = {
    "activities": {"id": "x_1", "user_id": "usr_a", "activity_type": "run", "completed_at": "2026-03-25T11:00:00Z"},
    "certifications": {"id": "x_1", "user_id": "usr_a", "kind": "Basic", "expires_at": "2027-01-01T00:00:00Z"},
    "pauses": {"user_id": "usr_a", "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-06-01T00:00:00Z"},
    "peer-mentors": {"user_id": "x_1", "organization_id": "org_a", "joined_at": "2026-01-01T00:00:00Z"},
}
# What makes another one of it, and what makes the same one say something else.
OTHER = {
    "activities": ({"id": "x_2"}, {"participants": 3}, "id"),
    "certifications": ({"id": "x_2"}, {"kind": "Advanced"}, "id"),
    "pauses": ({"starts_at": "2026-05-02T00:00:00Z"}, {"ends_at": None}, "starts_at"),
    "peer-mentors": ({"user_id": "x_2"}, {"weekly_minutes": 60}, "user_id"),
}
everything = pytest.mark.parametrize("name", VALID)


@pytest.fixture(autouse=True)
def cast(db):
    return make_mentor(make_organization(id="org_a"), user_id="usr_a")


def post(api, name: str, said):
    return api.post(f"{V1}/{name}", said)


def how_many(name: str) -> int:
    return MODELS[name].objects.exclude(**({"user_id": "usr_a"} if name == "peer-mentors" else {})).count()


@everything
def test_one_is_stored_shown_and_listed(api, name):
    answer = post(api, name, VALID[name])
    assert answer.status_code == 201
    assert answer.json().items() >= VALID[name].items()
    key = answer.json().get("id") or answer.json()["user_id"]
    assert api.get(f"{V1}/{name}/{key}").json() == answer.json()
    assert answer.json() in api.get(f"{V1}/{name}").json()["data"]


@everything
def test_the_same_again_is_what_is_stored(api, name):
    first, second = (post(api, name, VALID[name]) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert how_many(name) == 1


@everything
def test_a_list_is_answered_in_its_order_with_the_number_of_new_ones(api, name):
    another, _different, _key = OTHER[name]
    post(api, name, VALID[name])
    answer = post(api, name, [VALID[name] | another, VALID[name], VALID[name] | another])
    assert answer.status_code == 201
    assert answer.json()["created"] == 1
    rows = answer.json()["data"]
    assert rows[0] == rows[2] != rows[1]
    assert how_many(name) == 2


@everything
def test_something_else_under_the_same_id_is_a_conflict_and_nothing_of_the_list_is_stored(api, name):
    another, different, key = OTHER[name]
    post(api, name, VALID[name])
    answer = post(api, name, [VALID[name] | another, VALID[name] | different])
    assert answer.status_code == 409
    assert list(answer.json()["errors"]) == [f"1.{key}"]
    assert list(post(api, name, VALID[name] | different).json()["errors"]) == [key]
    assert how_many(name) == 1


@everything
def test_what_is_wrong_is_said_by_index_and_nothing_is_stored(api, name):
    wrong = VALID[name] | {"name": "Kari Nordmann"}
    answer = post(api, name, [VALID[name], wrong])
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"1.name": ["Unknown field 'name'."]}
    assert list(post(api, name, wrong).json()["errors"]) == ["name"]
    assert how_many(name) == 0


@pytest.mark.parametrize("name", ["activities", "certifications", "pauses"])
def test_a_fact_is_of_somebody_who_is_known(api, name):
    answer = post(api, name, [VALID[name], VALID[name] | {"user_id": "usr_none"}])
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["1.user_id"]
    assert how_many(name) == 0


@everything
@pytest.mark.parametrize("said", [[], ["x"], [[]], [None], "x", 5, None])
def test_what_is_neither_one_nor_a_list_of_some_is_refused(api, name, said):
    answer = api.generic("POST", f"{V1}/{name}", json.dumps(said), content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "errors"}


@everything
def test_a_thousand_are_taken_at_once_in_few_queries_and_not_one_more(api, name, django_assert_max_num_queries):
    key = "starts_at" if name == "pauses" else "user_id" if name == "peer-mentors" else "id"
    ids = [f"2026-05-01T00:{n // 60:02}:{n % 60:02}Z" if name == "pauses" else f"x_{n}" for n in range(1001)]
    said = [VALID[name] | {key: one} for one in ids]
    assert post(api, name, said).status_code == 400
    with django_assert_max_num_queries(16):
        answer = post(api, name, said[:1000])
    assert answer.json()["created"] == 1000
    assert [row[key] for row in answer.json()["data"]] == ids[:1000]


@everything
def test_a_key_makes_feeding_again_safe(api, name):
    key = {"Idempotency-Key": "a"}
    first, second = (api.post(f"{V1}/{name}", [VALID[name]], headers=key) for _ in range(2))
    assert (second.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"


@everything
def test_both_forms_of_the_address_and_people_with_a_browser_are_served(api, name):
    assert post(api, f"{name}/", VALID[name]).status_code == 201
    page = api.get(f"{V1}/{name}", headers={"Accept": "text/html"})
    assert page.status_code == 200


@pytest.mark.parametrize("name", ["activities", "certifications"])
def test_a_correction_withdraws_what_was_known_and_stores_what_is_so(api, name):
    post(api, name, VALID[name])
    _another, different, _key = OTHER[name]
    answer = api.put(f"{V1}/{name}/x_1", different)
    assert answer.status_code == 200
    assert answer.json().items() >= (VALID[name] | different).items()
    old, new = MODELS[name].objects.order_by("pk")
    assert old.withdrawn_at == new.recorded_at
    assert new.withdrawn_at is None
    assert api.put(f"{V1}/{name}/x_1", different).json() == answer.json()
    assert MODELS[name].objects.count() == 2, "the same correction again is none"


@pytest.mark.parametrize("name", ["activities", "certifications"])
def test_a_correction_keeps_id_and_mentor_and_names_something(api, name):
    post(api, name, VALID[name])
    for body in ({"id": "x_2"}, {"user_id": "usr_b"}, {}):
        assert api.put(f"{V1}/{name}/x_1", body).status_code == 400
    assert MODELS[name].objects.count() == 1


@pytest.mark.parametrize("name", ["activities", "certifications"])
def test_what_is_taken_back_is_gone_from_the_list_and_may_come_again(api, name):
    post(api, name, VALID[name])
    assert api.delete(f"{V1}/{name}/x_1").json() == {"deleted": True, "id": "x_1"}
    for again in (api.delete, api.get):
        assert again(f"{V1}/{name}/x_1").status_code == 404
    assert api.get(f"{V1}/{name}").json()["pagination"]["total"] == 0
    assert MODELS[name].objects.get().withdrawn_at is not None
    assert post(api, name, VALID[name] | OTHER[name][1]).status_code == 201


def test_a_pause_ends_by_a_correction_which_is_a_new_row(api, cast):
    made = post(api, "pauses", VALID["pauses"] | {"ends_at": None}).json()
    assert (
        post(api, "pauses", VALID["pauses"] | {"starts_at": "2026-07-01T00:00:00Z", "ends_at": None}).status_code == 409
    )
    ended = api.put(f"{V1}/pauses/{made['id']}", {"ends_at": "2026-05-09T00:00:00Z"})
    assert ended.json()["ends_at"] == "2026-05-09T00:00:00Z"
    assert api.get(f"{V1}/pauses/{made['id']}").status_code == 404
    assert api.get(f"{V1}/pauses/{ended.json()['id']}").json() == ended.json()


def test_a_second_open_pause_by_correction_is_a_conflict(api, cast):
    make_pause(cast, starts_at=NOW)
    made = post(api, "pauses", VALID["pauses"]).json()
    assert api.put(f"{V1}/pauses/{made['id']}", {"ends_at": None}).status_code == 409
    assert api.get(f"{V1}/pauses/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("name", "said", "blamed"),
    [
        ("certifications", {"issued_at": "2027-01-01T00:00:00Z"}, "expires_at"),
        ("pauses", {"ends_at": "2026-05-01T00:00:00Z"}, "ends_at"),
        ("peer-mentors", {"left_at": "2025-12-31T00:00:00Z"}, "left_at"),
    ],
)
def test_an_end_comes_after_its_beginning_also_in_a_correction(api, name, said, blamed):
    refused = post(api, name, VALID[name] | said)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, [blamed])
    made = post(api, name, VALID[name]).json()
    refused = api.put(f"{V1}/{name}/{made.get('id') or made['user_id']}", said)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, [blamed])


def test_a_fed_activity_is_the_one_that_is_evaluated(api, cast):
    chapter = make_chapter(cast.organization)
    post(api, "activities", VALID["activities"])
    assert api.post(EVALUATIONS, {"chapter_id": chapter.pk, "activity": VALID["activities"]}).status_code == 201
    assert post(api, "activities", VALID["activities"]).status_code == 200
    assert Activity.objects.count() == 1


def test_the_chapter_of_an_activity_is_one_of_the_mentors_organisation(api):
    for chapter_id in ("ch_none", make_chapter().pk):
        answer = post(api, "activities", [VALID["activities"] | {"chapter_id": chapter_id}])
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["0.chapter_id"])


@pytest.mark.parametrize(
    ("name", "narrowed"),
    [
        ("activities", {"user_id": "usr_a", "activity_type": "run", "completed_at_after": "2026-03-25T11:00:00Z"}),
        ("certifications", {"user_id": "usr_a", "kind": "Basic", "expires_at_before": "2027-01-01T00:00:01Z"}),
        ("pauses", {"user_id": "usr_a", "starts_at_after": "2026-05-01T00:00:00Z"}),
        ("peer-mentors", {"organization_id": "org_a", "left": "no", "joined_at_after": "2026-01-01T00:00:00Z"}),
    ],
)
def test_lists_are_narrowed_down_and_refuse_what_they_do_not_know(api, name, narrowed):
    make_activity(make_mentor())
    post(api, name, VALID[name])
    assert api.get(f"{V1}/{name}", narrowed).json()["pagination"]["total"] == 1
    assert api.get(f"{V1}/{name}", {"surname": "x"}).status_code == 400
    assert api.get(f"{V1}/{name}", {"ordering": "mentor__organization"}).status_code == 400


def test_a_mentor_belongs_to_chapters_from_joining_and_moves_from_now_on(api, cast):
    first, second = make_chapter(cast.organization), make_chapter(cast.organization)
    assert post(api, "peer-mentors", VALID["peer-mentors"] | {"chapter_ids": [first.pk]}).status_code == 201
    assert Membership.objects.get().starts_at == PeerMentor.objects.get(user_id="x_1").joined_at
    moved = api.put(f"{V1}/peer-mentors/x_1", {"chapter_ids": [second.pk]}).json()
    assert moved["chapter_ids"] == [second.pk]
    old = Membership.objects.standing().get(chapter=first)
    assert old.ends_at == Membership.objects.standing().get(chapter=second).starts_at
    listed = api.get(f"{V1}/peer-mentors", {"chapter_id": second.pk}).json()["data"]
    assert [mentor["user_id"] for mentor in listed] == ["x_1"]
    foreign = api.put(f"{V1}/peer-mentors/x_1", {"chapter_ids": [make_chapter().pk]})
    assert (foreign.status_code, list(foreign.json()["errors"])) == (400, ["chapter_ids"])


def test_when_a_mentor_leaves_it_is_kept_when_we_learnt_of_it_and_coming_back_forgets_it(api, cast):
    assert api.put(f"{V1}/peer-mentors/usr_a", {"left_at": "2026-03-01T00:00:00Z"}).status_code == 200
    cast.refresh_from_db()
    assert cast.left_recorded_at is not None
    assert api.put(f"{V1}/peer-mentors/usr_a", {"left_at": None}).json()["left_at"] is None
    cast.refresh_from_db()
    assert cast.left_recorded_at is None


def test_mentors_are_never_deleted_and_unknown_ones_not_found(api):
    assert api.delete(f"{V1}/peer-mentors/usr_a").status_code == 405
    assert api.put(f"{V1}/peer-mentors/usr_none", {"weekly_minutes": 1}).status_code == 404
