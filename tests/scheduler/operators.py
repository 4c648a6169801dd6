"""Something that operators are owed word of, and the sending of it as a tick and the task do it."""

from datetime import datetime, timedelta

from scheduler import notices
from scheduler.models import Incident
from scheduler.operations import open_incident
from tests.admin.cast import make_run
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def send(now: datetime = NOW) -> int:
    """Do what a tick and the task do; return how many notices went out."""
    notices.owe(now=now)
    count = 0
    while notices.send_one(now=now):
        count += 1
    return count


def open_one(kind: str = "failed", now: datetime = NOW) -> Incident:
    open_incident(kind, run=make_run(status="failed"), message="All batches failed.", now=now)
    return Incident.objects.latest("id")
