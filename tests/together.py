"""Do things at the same moment, each in a thread with a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Answer = TypeVar("Answer")
PATIENCE = 60


def together(*jobs: Callable[[], Answer]) -> list[Answer]:
    """Return what the jobs return, which begin at once. A job that never ends fails the test."""
    start = Barrier(len(jobs))

    def job(do):
        start.wait(PATIENCE)
        try:
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return _answers([pool.submit(job, do) for do in jobs])


def together_for(rounds: int, *jobs: Callable[[int], Answer]) -> list[list[Answer]]:
    """Do the jobs at once so many times, each told the round; return the answers of each round.

    The threads keep their connections, so that nothing but the jobs lies between two rounds.
    """
    start = Barrier(len(jobs))

    def job(do):
        try:
            answers = []
            for number in range(rounds):
                start.wait(PATIENCE)
                answers.append(do(number))
            return answers
        except BaseException:
            start.abort()
            raise
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        by_job = _answers([pool.submit(job, do) for do in jobs])
    return [list(answers) for answers in zip(*by_job, strict=True)]


def _answers(futures: Sequence) -> list:
    return [future.result(PATIENCE) for future in futures]
