"""The edge to Celery: the clock is read here, and the doorbell is answered and rung here."""

import logging
from traceback import extract_tb

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from . import outbox, turns

log = logging.getLogger(__name__)

# A doorbell that nobody heard in this many seconds is worth nothing: the next tick has rung since.
DOORBELL_EXPIRES = 30


@shared_task(name="notifications.deliver")
def deliver() -> None:
    """Send what is due, for a turn; ring for what is left."""
    with turns.turn() as turn:
        try:
            if turn is None:
                # Who sends may be at one message for long, and look for what others have lost only after it.
                outbox.reclaim(now=timezone.now())
                return
            outbox.deliver(now=timezone.now(), stopping=turn.is_over)
        except Exception as error:
            # Not raised: Celery would log its text, and PostgreSQL's may quote the row with the mentor's name in it.
            log.error("delivery stopped: %s in %s", type(error).__name__, extract_tb(error.__traceback__)[-1].name)
            return
        if turn.is_over() and not turns.stopping():
            ring_now()


def ring(**_kwargs) -> None:
    """Answer the doorbell of `scenarios`: ask a worker to look, once what rang it is committed."""
    transaction.on_commit(ring_now)


def ring_now() -> None:
    """Never raises: without a broker what is due waits for the next tick."""
    try:
        deliver.apply_async(expires=DOORBELL_EXPIRES)
    except Exception as error:  # whatever the broker's client raises
        log.info("no doorbell: %s", type(error).__name__)
