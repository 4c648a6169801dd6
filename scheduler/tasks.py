"""The edge to Celery: the clock is read here, and doorbells are rung here."""

import logging

from celery import shared_task
from django.utils import timezone

from . import notices, operations, pulse
from .api.jobs import answer
from .schedule import DAILY_TASK, TICK_TASK

log = logging.getLogger(__name__)

# A doorbell that nobody heard in this many seconds is worth nothing: the next tick has rung since.
DOORBELL_EXPIRES = 30
MOST_DOORBELLS = 4


@shared_task(name=TICK_TASK)
def tick():
    now = timezone.now()
    pulse.clock_is_alive(now=now)
    try:
        operations.plan_due(now=now)
        operations.reconcile(now=now)
        operations.reconcile_questions(now=now)
    finally:
        # Also where planning fails, and just then: somebody must hear that a run is late.
        operations.watch(now=now)
        notices.owe(now=now)
        if notices.is_due(now=now):
            ring_once(send_notices)


@shared_task(name=DAILY_TASK)
def run_daily():
    """Plan what is due, as the tick does; beat may fire the daily entry itself, and the two meet at the slot."""
    operations.plan_due(now=timezone.now())


@shared_task(name="scheduler.evaluate_batches")
def evaluate_batches():
    while operations.run_one_batch(now=timezone.now()):
        pass


@shared_task(name="scheduler.answer_questions")
def answer_questions():
    """Answer what waits, one after the other; whoever is second finds the place taken and leaves."""
    while operations.answer_one_question(answer, clock=timezone.now):
        pass


@shared_task(name="scheduler.send_notices", soft_time_limit=60, time_limit=90)
def send_notices():
    """Tell operators what they are owed, one after the other, until nothing is left or one could not be sent."""
    while notices.send_one(now=timezone.now()):
        pass


def ring(sender, batches: int, **_):
    """Wake workers for waiting batches. Never raises: without a broker the batches wait for the next tick."""
    for _doorbell in range(min(batches, MOST_DOORBELLS)):
        if not ring_once(evaluate_batches):
            return


def ring_for_questions(sender, **_):
    """Wake a worker for waiting questions. Never raises, likewise."""
    ring_once(answer_questions)


def ring_once(task) -> bool:
    try:
        task.apply_async(expires=DOORBELL_EXPIRES)
    except Exception as error:  # whatever the broker's client raises
        log.info("no doorbell: %s", type(error).__name__)
        return False
    return True
