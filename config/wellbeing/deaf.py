"""A worker that lives but hears nothing ends itself, so that whoever supervises it starts a new one.

After trouble with Redis it can happen that a worker is connected and never takes a message again. It looks well: the
process is there, and Redis answers. What gives it away is that doorbells wait in Redis while it is idle.
"""

import logging
import os
import threading
import time
from typing import Any

import redis
from celery import signals
from celery.worker import state
from django.conf import settings

from . import broker

log = logging.getLogger(__name__)

# EX_TEMPFAIL: try again.
EXIT_CODE = 75
LAST_WORDS_SECONDS = 5


class Ear:
    """Judges by a row of looks, each some seconds after the last: one message may just be on its way."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.heard = False
        self._waiting_since: float | None = None

    def is_deaf(self, now: float, *, busy: bool, waiting: bool) -> bool:
        """Tell whether messages have waited for all our patience while we were idle and took none."""
        if self.heard or busy or not waiting:
            self.heard, self._waiting_since = False, None
            return False
        if self._waiting_since is None:
            self._waiting_since = now
        return now - self._waiting_since >= self.patience


ear: Ear | None = None


@signals.worker_ready.connect
def listen_to_oneself(**_kwargs: Any) -> None:
    global ear
    ear = Ear(settings.WORKER_DEAF_AFTER)
    threading.Thread(target=_keep_looking, args=(ear,), name="deaf", daemon=True).start()


# An expired one is not received, but it was heard.
@signals.task_received.connect
@signals.task_revoked.connect
@signals.task_unknown.connect
def hear(**_kwargs: Any) -> None:
    if ear is not None:
        ear.heard = True


def _keep_looking(ear: Ear) -> None:
    while True:
        time.sleep(ear.patience / 6)
        # Where every process of the pool is busy, a worker takes nothing, and shouldn't.
        busy = bool(state.active_requests or state.reserved_requests)
        if ear.is_deaf(time.monotonic(), busy=busy, waiting=_messages_wait()):
            _end(ear.patience)


def _messages_wait() -> bool:
    """Ask over a new connection. Where Redis is away there is nothing to hear."""
    try:
        return broker.messages_waiting() > 0
    except (redis.RedisError, OSError):
        return False


def _end(patience: float) -> None:
    log.critical("worker_deaf: doorbells have waited for %.0f s and this worker hears none; it ends", patience)
    # Whatever may hang here: a worker that can't even say goodbye goes all the same.
    goodbye = threading.Timer(LAST_WORDS_SECONDS, os._exit, [EXIT_CODE])
    goodbye.daemon = True
    goodbye.start()
    try:
        _leave_word()
    except Exception as error:  # it is about to end
        log.error("no incident: %s", type(error).__name__)
    # Not a warm shutdown, which would wait for the ear that is deaf. Nothing is in hand.
    os._exit(EXIT_CODE)


def _leave_word() -> None:
    """Open an incident; the tick closes it when work moves again."""
    from django.utils import timezone
    from django.utils.translation import gettext as _

    # Imported late: this module is loaded while the apps are.
    from scheduler.models import Incident
    from scheduler.operations import open_incident

    said = _("A worker was running but heard nothing any more. It has ended itself to be started anew.")
    open_incident(Incident.Kind.DEAF, message=said, now=timezone.now())
