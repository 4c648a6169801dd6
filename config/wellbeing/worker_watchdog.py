"""Each worker watches itself: it says that it is there, and ends itself when no message reaches it any more.

After trouble with Redis it can happen that a worker is connected and never takes a message again. It looks well: the
process is there, and Redis answers. So each worker has a queue of its own beside the common one, and rings there for
itself. Nobody else can take that message: while it waits and the worker is idle, the worker hears nothing.
"""

import logging
import os
import threading
import time
from typing import Any

import redis
from celery import shared_task, signals
from celery.worker import state
from django.conf import settings
from django.db import Error, connection
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from . import broker

log = logging.getLogger(__name__)

# EX_TEMPFAIL: try again.
EXIT_CODE = 75
LAST_WORDS_SECONDS = 5
# What a worker that was killed leaves in Redis goes by itself.
QUEUE_FORGOTTEN_SECONDS = 600


@shared_task(name="config.hear_oneself", expires=QUEUE_FORGOTTEN_SECONDS)
def hear_oneself() -> None:
    """Do nothing: that this was received is what counts."""


class Ear:
    """Judges by a row of looks, each some seconds after the last: one message may just be on its way."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.heard = False
        self._waiting_since: float | None = None

    def is_deaf(self, now: float, *, busy: bool, waiting: bool) -> bool:
        """Tell whether a message has waited for all our patience while we were idle and took none."""
        if self.heard or busy or not waiting:
            self.heard, self._waiting_since = False, None
            return False
        if self._waiting_since is None:
            self._waiting_since = now
        return now - self._waiting_since >= self.patience


ear: Ear | None = None


def own_queue() -> str:
    # Imported late: this module is loaded while the apps are.
    from scheduler.pulse import WORKER

    return f"worker.{WORKER}"


@signals.celeryd_after_setup.connect
def consume_own_queue(instance: Any, **_kwargs: Any) -> None:
    """Have this worker listen to its own queue with the same ear as to the common one."""
    queue = instance.app.amqp.queues.select_add(Queue(own_queue(), routing_key=own_queue()))
    # Not bound to an exchange: Redis would keep the binding of every worker that there ever was.
    queue.exchange = Exchange("")


@signals.worker_ready.connect
def start_watching(**_kwargs: Any) -> None:
    global ear
    ear = Ear(settings.WORKER_DEAF_AFTER)
    threading.Thread(target=_keep_looking, args=(ear,), name="worker_watchdog", daemon=True).start()


# An expired one is not received, but it was heard.
@signals.task_received.connect
@signals.task_revoked.connect
@signals.task_unknown.connect
def hear(**_kwargs: Any) -> None:
    if ear is not None:
        ear.heard = True


@signals.worker_shutdown.connect
def say_goodbye(**_kwargs: Any) -> None:
    """Leave nothing behind that would look like a worker that has stalled."""
    from scheduler.operations.heartbeats import forget
    from scheduler.pulse import WORKER

    try:
        forget(key=WORKER)
        broker.forget_queue(own_queue())
    except (Error, redis.RedisError, OSError) as error:
        log.info("no goodbye: %s", type(error).__name__)


def _keep_looking(ear: Ear) -> None:
    while True:
        _write_heartbeat()
        # Where every process of the pool is busy, a worker takes nothing, and shouldn't.
        busy = bool(state.active_requests or state.reserved_requests)
        if ear.is_deaf(time.monotonic(), busy=busy, waiting=_message_waits()):
            _end(ear.patience)
        time.sleep(min(ear.patience / 6, 5))


def _write_heartbeat() -> None:
    """Say that this worker is there, however long its tasks take. Never raises: the next one may have better luck."""
    from django.utils import timezone

    from scheduler.models import Heartbeat
    from scheduler.operations.heartbeats import note_alive
    from scheduler.pulse import STARTED_AT, WORKER

    try:
        note_alive(key=WORKER, kind=Heartbeat.Kind.WORKER, started_at=STARTED_AT, now=timezone.now())
    except Error as error:
        log.info("no heartbeat: %s", type(error).__name__)
    finally:
        # A process that the pool forks must find no open connection here.
        connection.close()


def _message_waits() -> bool:
    """Tell whether our last message still waits, and send one where none does. Where Redis is away nothing waits."""
    try:
        # Over a new connection: whoever wants to know whether theirs still works must not use it.
        if broker.messages_waiting(own_queue()):
            return True
        hear_oneself.apply_async(queue=own_queue())
        broker.let_expire(own_queue(), QUEUE_FORGOTTEN_SECONDS)
    except (redis.RedisError, OperationalError, OSError):
        """Nothing to hear."""
    return False


def _end(patience: float) -> None:
    log.critical("worker_deaf: a message has waited for %.0f s and this idle worker hears none; it ends", patience)
    # Whatever may hang here: a worker that can't even say goodbye goes all the same.
    goodbye = threading.Timer(LAST_WORDS_SECONDS, os._exit, [EXIT_CODE])
    goodbye.daemon = True
    goodbye.start()
    try:
        _leave_word()
        say_goodbye()
    except Exception as error:  # it is about to end
        log.error("no incident: %s", type(error).__name__)
    # Not a warm shutdown, which would wait for the ear that is deaf. Nothing is in hand.
    os._exit(EXIT_CODE)


def _leave_word() -> None:
    """Open an incident; the tick closes it when work moves again."""
    from django.utils import timezone
    from django.utils.translation import gettext as _

    from scheduler.models import Incident
    from scheduler.operations import open_incident

    said = _("A worker was running but heard nothing any more. It has ended itself to be started anew.")
    open_incident(Incident.Kind.DEAF, message=said, now=timezone.now())
