"""Beat after its clock was ahead: it goes on ringing, started anew or not."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from celery.signals import after_task_publish
from django_celery_beat.models import PeriodicTask

from config.beat import Scheduler
from scheduler.schedule import TICK_TASK
from tests.eventually import eventually

pytestmark = pytest.mark.django_db(transaction=True)

A_DAY = timedelta(days=1)


@pytest.fixture
def rung():
    """Every task that is rung for from now on."""
    names = []

    def note(sender, **_kwargs):
        names.append(sender)

    after_task_publish.connect(note)
    yield names
    after_task_publish.disconnect(note)


@pytest.fixture
def start():
    """Start beat's scheduler, without the process around it."""
    started = []

    def make() -> Scheduler:
        started.append(Scheduler(current_app))
        return started[-1]

    yield make
    for scheduler in started:
        # At the end of this process it would still write to a database that has gone by then.
        scheduler._finalize.cancel()


def rings(scheduler, rung) -> bool:
    scheduler.tick()
    return TICK_TASK in rung


def test_beat_that_is_started_after_its_clock_was_ahead_rings_all_the_same(start, rung):
    PeriodicTask.objects.update(last_run_at=datetime.now(UTC) + A_DAY)
    scheduler = start()
    eventually(lambda: rings(scheduler, rung), "a tick is rung for")


def test_beat_whose_clock_is_put_back_under_it_rings_all_the_same(start, rung):
    scheduler = start()
    eventually(lambda: rings(scheduler, rung), "a tick is rung for")
    rung.clear()
    # What it holds after a tick by a clock that is a day ahead.
    for entry in scheduler.schedule.values():
        entry.last_run_at += A_DAY
    scheduler._heap = [event._replace(time=event.time + A_DAY.total_seconds()) for event in scheduler._heap]
    scheduler._ticked_at += A_DAY.total_seconds()
    eventually(lambda: rings(scheduler, rung), "a tick is rung for")
