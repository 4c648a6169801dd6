"""Many who post or feed the same at the same second, each on a connection of its own."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from rest_framework.test import APIClient

from scenarios.models import Activity, Decision, Evaluation
from tests.factories import days, make_chapter, make_mentor, make_rule

from .evaluations import EVALUATIONS, activity_of, posted

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS = 8
ACTIVITIES = "/api/v1/activities"


@pytest.fixture(autouse=True)
def public(settings):
    settings.API_ACCESS = "public"


def together(requests: list[tuple[str, object]]) -> list:
    """Post all of them at once."""
    start = Barrier(len(requests), timeout=60)

    def post(request):
        try:
            client = APIClient(raise_request_exception=False)
            start.wait()
            return client.post(*request)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(post, requests))


@pytest.fixture
def chapter():
    return make_chapter()


@pytest.fixture
def mentor(chapter):
    return make_mentor(chapter.organization, idle_for=days(10))


def test_of_many_who_post_one_activity_all_are_answered_and_it_is_stored_and_told_once(mentor, chapter):
    make_rule("activity_missed", judged="activity", threshold_days=3)
    answers = together([(EVALUATIONS, posted(mentor, chapter))] * CALLERS)
    assert [(answer.status_code, answer.json()["triggered_count"]) for answer in answers] == [(201, 1)] * CALLERS
    assert Activity.objects.filter(activity_id="act_posted").count() == 1
    assert Evaluation.objects.filter(status="completed").count() == CALLERS
    assert Counter(Decision.objects.values_list("reason", flat=True)) == {"": 1, "already_told": CALLERS - 1}


def test_of_two_who_say_different_things_of_one_activity_one_is_refused(mentor, chapter):
    said = [posted(mentor, chapter, distance_meters=metres) for metres in (1, 2)]
    answers = together([(EVALUATIONS, body) for body in said * (CALLERS // 2)])
    assert Counter(answer.status_code for answer in answers) == {201: CALLERS // 2, 409: CALLERS // 2}
    assert Activity.objects.filter(activity_id="act_posted").count() == 1


def test_one_mentor_hears_one_thing_of_many_activities_at_once(mentor, chapter):
    make_rule("long_session", cooldown_days=3)
    bodies = [posted(mentor, chapter, id=f"act_{n}", duration_seconds=7200) for n in range(CALLERS)]
    answers = together([(EVALUATIONS, body) for body in bodies])
    assert {answer.json()["status"] for answer in answers} == {"completed"}
    assert Counter(Decision.objects.values_list("reason", flat=True)) == {"": 1, "cooldown_active": CALLERS - 1}


def test_lists_that_are_fed_at_once_in_opposite_orders_are_stored_once(mentor):
    said = [activity_of(mentor, id=f"act_{n:03}") for n in range(200)]
    answers = together([(ACTIVITIES, said), (ACTIVITIES, said[::-1])] * 3)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert sum(answer.json()["created"] for answer in answers) == 200
    assert Activity.objects.filter(activity_id__startswith="act_").exclude(activity_type="visit").count() == 200


def test_pauses_that_are_fed_at_once_make_one(mentor):
    said = {"user_id": mentor.user_id, "starts_at": "2026-04-01T00:00:00Z"}
    answers = together([("/api/v1/pauses", said)] * CALLERS)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CALLERS - 1}
    assert mentor.pauses.count() == 1
