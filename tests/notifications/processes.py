"""Senders that really die, and senders that really meet: processes and threads with connections of their own."""

import multiprocessing
from collections.abc import Callable
from threading import Thread

from django.db import connection, connections


def in_another_process(work: Callable[[], object]) -> int:
    """Do the work in a fork of this process and return its exit code."""
    # A fork that shares our connection would talk into it.
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_on_connections_of_its_own, args=(work,))
    process.start()
    process.join(60)
    exit_code = process.exitcode
    if exit_code is None:
        process.kill()
        process.join(60)
        raise AssertionError("the other process did not end")
    return exit_code


def _on_connections_of_its_own(work: Callable[[], object]) -> None:
    """Leave alone what is inherited: neither talk into it, nor say goodbye for whoever goes on using it.

    While a browser is being driven an event loop runs, and Django keeps the connections of that time apart from the
    older ones. There is no loop in a fork, which so finds the older ones, that nobody has closed.
    """
    inherited = [(each, each.connection) for each in connections.all(initialized_only=True)]
    for each, _theirs in inherited:
        each.connection = None
    work()


def at_once(work: Callable[[], object], number: int = 2) -> None:
    """Do the work in several threads at once; raise what went wrong in one of them."""
    failures: list[BaseException] = []

    def do() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=do) for _n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if failures:
        raise failures[0]
