from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from psycopg import errors

Answer = TypeVar("Answer")

MOST_TRIES = 3


def past_deadlocks(do: Callable[[], Answer]) -> Answer:
    """Return what `do` returns; where PostgreSQL broke a deadlock by ending its transaction, do it again."""
    for _try in range(MOST_TRIES - 1):
        try:
            return do()
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.DeadlockDetected):
                raise
    return do()
