"""A daily run, a second run and appended batches meet over the same mentors in the same second: each is told once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from scenarios.models import Clearance, Decision
from scheduler.models import Run
from scheduler.operations import append_batch, plan_due, reconcile, record_status, run_one_batch, start_run
from tests.factories import NOW, days, make_certification, make_mentor, make_organization, make_rule

pytestmark = pytest.mark.django_db(transaction=True)


def together(*jobs) -> list:
    """Do the jobs at once, each in a thread with a connection of its own."""
    start = Barrier(len(jobs), timeout=60)

    def job(do):
        start.wait()
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(job, jobs))


def drain():
    while run_one_batch(now=NOW):
        pass


@pytest.fixture
def crowd():
    make_rule("inactivity", priority=2, cooldown_days=0)
    make_rule("certification_expiry", priority=1, cooldown_days=0)
    organization = make_organization(weekly_cap=1)
    mentors = [make_mentor(organization, idle_for=days(20)) for _ in range(150)]
    for mentor in mentors[::3]:
        make_certification(mentor, expires_at=NOW + days(10))
    return mentors


def test_everybody_is_told_exactly_once(crowd):
    users = [mentor.user_id for mentor in crowd]
    first, second = start_run(now=NOW), start_run(now=NOW)
    extra = Run.objects.create(status="success", invoked_at=NOW, finished_at=NOW)
    together(
        drain,
        drain,
        drain,
        lambda: append_batch(run_id=extra.pk, user_ids=users, now=NOW),
        lambda: append_batch(run_id=extra.pk, user_ids=users[::-1], now=NOW),
    )
    drain()
    told = Counter(Decision.objects.filter(outcome="pending").values_list("mentor_id", flat=True))
    assert told == Counter(mentor.pk for mentor in crowd)
    for run in (first, second, extra):
        run.refresh_from_db()
        assert run.status == "success"
    tallies = sum(run.notifications_dispatched for run in (first, second, extra))
    assert tallies == 150, "what the runs say they told is what was told"


def test_every_batch_is_worked_once_by_many_workers(crowd):
    run = start_run(now=NOW)
    together(*[drain] * 4)
    drain()
    run.refresh_from_db()
    assert (run.users_evaluated, run.batches_done) == (150, 3)
    assert Decision.objects.filter(run_id=run.pk).count() == 200


def test_a_slot_that_eight_ticks_plan_at_once_is_run_once(daily_schedule):
    together(*[lambda: plan_due(now=NOW + days(2))] * 8)
    assert Run.objects.exclude(status="skipped").count() == 1
    assert Run.objects.values("slot_date").distinct().count() == Run.objects.count()


def test_a_run_that_is_stopped_while_it_is_worked_tells_all_or_nobody(crowd):
    run = start_run(now=NOW)
    together(drain, drain, lambda: record_status(run_id=run.pk, status="cancelled", now=NOW))
    drain()
    reconcile(now=NOW)
    waiting = Decision.objects.filter(run_id=run.pk, outcome="pending").count()
    finished_first = Clearance.objects.filter(run_id=run.pk).exists()
    assert waiting == (150 if finished_first else 0)
    assert not run.batches.filter(status="pending").exists()


@pytest.fixture
def daily_schedule():
    """A flushed database has lost the row that the migration made."""
    from django_celery_beat.models import CrontabSchedule, PeriodicTask

    from scheduler.schedule import DAILY_TASK

    PeriodicTask.objects.filter(task=DAILY_TASK).delete()
    crontab = CrontabSchedule.objects.create(hour="6", minute="0", timezone="Europe/Oslo")
    return PeriodicTask.objects.create(name="Daily run", task=DAILY_TASK, crontab=crontab, start_time=NOW)
