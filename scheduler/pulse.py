"""The edge to Celery's processes: a worker that works is seen to do so."""

import logging
import os
import socket
import time
from datetime import datetime

from celery import signals
from django.db import Error
from django.utils import timezone

from .models import Heartbeat
from .operations.heartbeats import EVERY, note_alive

log = logging.getLogger(__name__)

# Imported before a worker forks: its processes share the name and the age of the one that listens.
WORKER = f"{socket.gethostname()}:{os.getpid()}"
STARTED_AT = timezone.now()
CLOCK = "clock"

_written_at = -EVERY.total_seconds()


@signals.task_prerun.connect
def worker_is_alive(task=None, **_kwargs) -> None:
    """Write this worker's heartbeat, at most every few seconds. Never raises: the task may have better luck."""
    global _written_at
    if task is None or task.request.is_eager or time.monotonic() - _written_at < EVERY.total_seconds():
        return
    _written_at = time.monotonic()
    try:
        note_alive(key=WORKER, kind=Heartbeat.Kind.WORKER, started_at=STARTED_AT, now=timezone.now())
    except Error as error:
        log.info("no heartbeat: %s", type(error).__name__)


def clock_is_alive(*, now: datetime) -> None:
    """Write that a tick was heard, which says that beat rings."""
    note_alive(key=CLOCK, kind=Heartbeat.Kind.TICK, started_at=now, now=now)
