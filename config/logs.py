"""Log records as lines: what is logged about people are their ids."""

import logging
import time


class OneLine(logging.Formatter):
    """One record, one line: a traceback or a stray newline can't pass for further records."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")


def configuration(level: str) -> dict:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": OneLine, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Without this Django's own handlers would write each of its records a second time.
        "loggers": {"django": {"handlers": [], "level": level, "propagate": True}},
    }
