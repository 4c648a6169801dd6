"""The bench measures the same work in every way: all of them decide the same."""

import pytest
from django.utils import timezone

from config.bench import rules, special, ways, world

MENTORS = 2_000
SAMPLE = 300

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    now = timezone.now()
    world.make_places(chapters=100)
    rules.twelve()
    world.build(MENTORS, now=now)
    world.reset(now=now)
    return now


def test_every_way_decides_the_same(now, celery_worker_process):
    ways.floor(now)
    decisions, _ = expected = ways.digest(now, MENTORS)
    of_sample = ways.digest(now, SAMPLE)
    assert MENTORS * 0.1 < decisions < MENTORS * 0.3

    world.reset(now=now)
    ways.engine(now)
    assert ways.digest(now, MENTORS) == expected

    world.reset(now=now)
    ways.batches(now)
    assert ways.digest(now, MENTORS) == expected

    world.reset(now=now)
    ways.mentor_by_mentor(now, range(1, SAMPLE + 1))
    assert ways.digest(now, SAMPLE) == of_sample

    world.reset(now=now)
    celery_worker_process(pool="prefork", concurrency=2)
    ways.through_celery(now)
    assert ways.digest(now, MENTORS) == expected


def test_every_gate_holds_somebody_back(now):
    ways.floor(now)
    assert {"", "user_opted_out", "human_contact", "cooldown_active", "outranked", "frequency_capped"} <= set(
        ways.reasons(now)
    )


def test_many_chapters_and_one_activity_are_measured(db):
    now = timezone.now()
    world.make_places(chapters=100)
    assert special.many_chapters(now, mentors=1_000, chapters=5, rounds=1)["chapters_ratio"] > 0
    assert special.one_activity(now, times=3)["activity_ms"] > 0
