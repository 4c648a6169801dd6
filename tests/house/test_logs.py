"""Log records as lines."""

import logging

from config.logs import OneLine, is_not_routine


def test_a_record_is_one_line_whatever_is_in_it():
    record = logging.makeLogRecord({"msg": "first\nsecond\r\nthird"})
    assert OneLine("%(message)s").format(record) == "first\\nsecond\\r\\nthird"


def test_a_traceback_stays_in_its_line():
    try:
        raise ValueError("of a\nkind")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": (ValueError, error, error.__traceback__)})
    assert "\n" not in OneLine("%(message)s").format(record)


def test_a_ring_of_beat_is_no_news():
    ring = logging.makeLogRecord({"name": "celery.beat", "msg": "Scheduler: Sending due task %s (%s)"})
    start = logging.makeLogRecord({"name": "celery.beat", "msg": "beat: Starting..."})
    assert not is_not_routine(ring)
    assert is_not_routine(start)
