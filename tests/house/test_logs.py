"""Log records as lines."""

import logging

import pytest
from django.db import IntegrityError, transaction

from config.logs import OneLine, is_not_routine
from notifications.models import Contact
from tests.factories import make_contact, make_mentor


def test_a_record_is_one_line_whatever_is_in_it():
    record = logging.makeLogRecord({"msg": "first\nsecond\r\nthird"})
    assert OneLine("%(message)s").format(record) == "first\\nsecond\\r\\nthird"


def test_a_traceback_stays_in_its_line():
    try:
        raise ValueError("of a\nkind")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": (ValueError, error, error.__traceback__)})
    assert "\n" not in OneLine("%(message)s").format(record)


def test_the_row_that_postgresql_refuses_is_left_out_of_a_traceback(db):
    known = make_contact(make_mentor())
    contact = Contact(mentor=known.mentor, name="Kari Canary", email="kari@example.org")
    with pytest.raises(IntegrityError, match="DETAIL") as caught, transaction.atomic():
        contact.save(force_insert=True)
    record = logging.makeLogRecord({"msg": "failed", "exc_info": (caught.type, caught.value, caught.tb)})
    line = OneLine("%(message)s").format(record)
    assert "DETAIL: left out" in line
    assert "Key (" not in line


def test_a_ring_of_beat_is_no_news():
    ring = logging.makeLogRecord({"name": "celery.beat", "msg": "Scheduler: Sending due task %s (%s)"})
    start = logging.makeLogRecord({"name": "celery.beat", "msg": "beat: Starting..."})
    assert not is_not_routine(ring)
    assert is_not_routine(start)
