"""Log records as lines: what is logged about people are their ids."""

import logging
import re
import time

from .request import OfRequest

# PostgreSQL repeats the row that it refuses there, with the names and addresses in it.
DETAIL = re.compile(r"DETAIL:.*")


class OneLine(logging.Formatter):
    """One record, one line, without PostgreSQL's details: a traceback or a newline can't pass for further records."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        text = DETAIL.sub("DETAIL: left out", super().format(record))
        return text.replace("\r", "\\r").replace("\n", "\\n")


def is_not_routine(record: logging.LogRecord) -> bool:
    """Beat rings every second; that it does is no news."""
    return not (record.name == "celery.beat" and str(record.msg).startswith("Scheduler: Sending due task"))


def configuration(level: str) -> dict:
    # What Celery says of each message is for those who ask for everything.
    each_message = level if level != "INFO" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": OneLine, "fmt": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
        },
        "filters": {"news": {"()": lambda: is_not_routine}, "request": {"()": OfRequest}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["news", "request"]}},
        "root": {"handlers": ["stderr"], "level": level},
        # Without this Django's own handlers would write each of its records a second time.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "celery.worker.strategy": {"level": each_message},
            "celery.app.trace": {"level": each_message},
        },
    }
