"""Who is at work: a row per process, written now and then."""

import os
import socket
from datetime import datetime, timedelta

from ..models import Heartbeat

# How often a process says that it is there, and after how long in silence it counts as gone. With many workers the
# ticks go around, so that each hears one only now and then.
EVERY = timedelta(seconds=5)
GONE_AFTER = timedelta(seconds=60)
# One that was killed is replaced within seconds; what is still silent after this is of no interest any more.
STALLED_UNTIL = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=1)


def note_alive(*, key: str, kind: str, started_at: datetime, now: datetime) -> None:
    """Write that a process was seen, unless that was written a moment ago; forget those long gone."""
    seen = Heartbeat.objects.filter(key=key)
    if seen.filter(seen_at__gt=now - EVERY, seen_at__lte=now).exists():
        return
    row = Heartbeat(key=key, kind=kind, started_at=started_at, seen_at=now)
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["key"], update_fields=["seen_at"])
    Heartbeat.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def forget(*, key: str) -> None:
    """Remove a process that has ended in order."""
    Heartbeat.objects.filter(key=key).delete()


def stalled_workers(*, now: datetime) -> list[Heartbeat]:
    """Return the workers that fell silent without ending: frozen, cut off, or on a machine that is gone.

    One of this machine whose process is no longer there was killed; its supervisor has started another.
    """
    silent = Heartbeat.objects.filter(
        kind=Heartbeat.Kind.WORKER, seen_at__lte=now - GONE_AFTER, seen_at__gt=now - STALLED_UNTIL
    )
    return [worker for worker in silent.order_by("key") if not has_ended(worker.key)]


def has_ended(key: str) -> bool:
    """Tell whether a worker of this machine has ended; of another machine's nobody here knows."""
    host, _colon, pid = key.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
