"""Real workers, killed in the middle of a batch: nothing is lost, nobody is told twice."""

from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from scenarios.models import Decision
from scheduler.models import Batch, Run
from scheduler.operations import reconcile, start_run
from tests.eventually import eventually
from tests.factories import days, make_mentor, make_organization, make_rule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mentors():
    now = timezone.now()
    make_rule("inactivity")
    organization = make_organization()
    return [make_mentor(organization, idle_for=days(20), now=now) for _ in range(120)]


@contextmanager
def held(mentor):
    """Lock one mentor from elsewhere: the batch that tells them stops in its middle until we let go."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM scenarios_peermentor WHERE id = %s FOR UPDATE", [mentor.pk])
        yield
    finally:
        other.close()


def a_worker_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def finished(run: Run) -> bool:
    """Ring as the tick does, and look."""
    reconcile(now=timezone.now())
    run.refresh_from_db()
    return run.status != Run.Status.RUNNING


def told_once(run: Run, mentors) -> bool:
    told = Counter(Decision.objects.filter(outcome="pending").values_list("mentor_id", flat=True))
    return told == Counter(mentor.pk for mentor in mentors)


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_worker_killed_in_mid_batch_loses_and_doubles_nothing(celery_worker_process, mentors, pool):
    worker = celery_worker_process(pool=pool, concurrency=2 if pool == "prefork" else 1)
    with held(mentors[75]):
        run = start_run(now=timezone.now())
        eventually(a_worker_waits_for_the_lock, "the second batch waits in its middle")
        worker.kill()
        assert Batch.objects.filter(run=run, status="pending", starts__gte=1).exists()

    celery_worker_process()
    eventually(lambda: finished(run), "the run closes after the kill")
    assert (run.status, run.users_evaluated, run.notifications_dispatched) == ("success", 120, 120)
    assert told_once(run, mentors)


def test_a_worker_asked_to_stop_finishes_its_batch(celery_worker_process, mentors):
    worker = celery_worker_process()
    with held(mentors[75]):
        run = start_run(now=timezone.now())
        eventually(a_worker_waits_for_the_lock, "the second batch waits in its middle")
        worker.send(15)
        worker.wait_for_line("Warm shutdown")
    assert worker.process.wait(30) == 0
    assert Batch.objects.get(run=run, lo__lte=mentors[75].pk, hi__gte=mentors[75].pk).status == "done"


def test_a_run_made_without_any_worker_happens_when_one_comes(celery_worker_process, mentors):
    run = start_run(now=timezone.now())
    celery_worker_process()
    eventually(lambda: finished(run), "the run is worked by a worker that came later")
    assert run.users_evaluated == 120
    assert told_once(run, mentors)


def test_redis_emptied_in_mid_run_loses_nothing(celery_worker_process, mentors, servers):
    from tests.workers import redis_client

    worker = celery_worker_process()
    with held(mentors[0]):
        run = start_run(now=timezone.now())
        eventually(a_worker_waits_for_the_lock, "the first batch waits in its middle")
        with redis_client(servers) as client:
            client.flushdb()
    eventually(lambda: finished(run), "the run closes without its doorbells")
    assert told_once(run, mentors)
    assert worker.process.poll() is None
