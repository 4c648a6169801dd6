"""Who is at work: a row per process, written now and then."""

from datetime import datetime, timedelta

from ..models import Heartbeat

# How often a process says that it is there, and after how long in silence it counts as gone. With many workers the
# ticks go around, so that each hears one only now and then.
EVERY = timedelta(seconds=5)
GONE_AFTER = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=1)


def note_alive(*, key: str, kind: str, started_at: datetime, now: datetime) -> None:
    """Write that a process was seen, unless that was written a moment ago; forget those long gone."""
    seen = Heartbeat.objects.filter(key=key)
    if seen.filter(seen_at__gt=now - EVERY, seen_at__lte=now).exists():
        return
    row = Heartbeat(key=key, kind=kind, started_at=started_at, seen_at=now)
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["key"], update_fields=["seen_at"])
    Heartbeat.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
