"""PostgreSQL may be away for a moment just when a message has gone out."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)

# A minute, about as long as a restart may take, and short pauses: all others wait for what becomes of this message.
PAUSES = (0.1, 0.2, 0.5, *[1] * 60)


def patiently(record: Callable[[], None]) -> None:
    """Call `record` until PostgreSQL takes it: a message whose sending was forgotten would be sent again."""
    for pause in PAUSES:
        try:
            return record()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            log.warning("could not record what became of a message: %s", type(error).__name__)
            connection.close()
            time.sleep(pause)
    return record()
