"""The mentors that would be weighed now, as a caller sees them."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import make_activity, make_mentor, make_organization, make_pause

from .runs import RUNS

MENTORS = f"{RUNS}/active-peer-mentors"


def users(answer) -> list[str]:
    return [mentor["user_id"] for mentor in answer.json()["active_peer_mentors"]]


def test_shows_the_printed_keys_and_the_latest_standing_activity(api):
    now = timezone.now().replace(microsecond=0)
    mentor = make_mentor(make_organization(id="org_oslo_01"), user_id="usr_mentor_7821")
    make_activity(mentor, completed_at=now - timedelta(days=9))
    make_activity(mentor, completed_at=now - timedelta(days=2))
    make_activity(mentor, completed_at=now - timedelta(days=1), withdrawn_at=now)
    latest = (now - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert api.get(MENTORS).json() == {
        "active_peer_mentors": [{"user_id": "usr_mentor_7821", "org_id": "org_oslo_01", "last_active_at": latest}],
        "total": 1,
    }


def test_a_mentor_who_never_logged_anything_has_no_last_activity(api):
    make_mentor()
    assert api.get(MENTORS).json()["active_peer_mentors"][0]["last_active_at"] is None


def test_leaves_out_who_is_paused_or_has_left(api):
    now = timezone.now()
    make_mentor(user_id="usr_here")
    make_pause(make_mentor(user_id="usr_paused"), starts_at=now - timedelta(days=1))
    make_mentor(user_id="usr_left", left_at=now - timedelta(days=1))
    assert users(api.get(MENTORS)) == ["usr_here"]


def test_comes_by_internal_id_in_pages_with_one_total(api):
    for name in ("usr_c", "usr_a", "usr_b"):
        make_mentor(user_id=name)
    assert users(api.get(MENTORS)) == ["usr_c", "usr_a", "usr_b"]
    last = api.get(MENTORS, {"page": 2, "limit": 2})
    assert users(last) == ["usr_b"]
    assert last.json()["total"] == 3


def test_a_thousand_a_page_and_no_more(api):
    assert api.get(MENTORS, {"limit": 1000}).status_code == 200
    refused = api.get(MENTORS, {"limit": 1001})
    assert refused.json()["errors"] == {"limit": ["limit must be a number from 1 to 1000."]}


def test_takes_the_same_number_of_queries_however_many_mentors(api, django_assert_num_queries):
    for _ in range(5):
        make_mentor(idle_for=timedelta(days=3))
    with django_assert_num_queries(2):
        assert api.get(MENTORS).json()["total"] == 5


def test_has_no_filters_of_the_log(api):
    assert list(api.get(MENTORS, {"status": "failed", "ordering": "id"}).json()["errors"]) == ["status", "ordering"]
