"""For how many active mentors a rule holds, before and after a change, by the very tests that decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from ..models import RuleVersion
from ..triggers.base import MENTOR
from .frame import Frame
from .population import Share
from .question import Question
from .scope import applies, by_scenario


@dataclass(frozen=True)
class Placed:
    """One rule among all the rules in force; without a version, one that is not in force."""

    version: RuleVersion | None
    versions: Sequence[RuleVersion]


@dataclass(frozen=True)
class Holding:
    """For how many mentors a rule holds before and after, and for how many of those after it didn't hold before."""

    before: int = 0
    after: int = 0
    added: int = 0


def compare_holding(before: Placed, after: Placed, share: Share, frame: Frame) -> Holding:
    """Count in one statement, however many mentors there are. What a narrower rule replaces doesn't count."""
    statement = _Compared(before, after, share).statement()
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.values(share, frame))
        return Holding(*cursor.fetchone())


class _Compared(Question):
    def __init__(self, before: Placed, after: Placed, share: Share):
        super().__init__(MENTOR, [], [], share.blank())
        self.sides = (before, after)

    def wanted(self) -> tuple[list[sql.Composable], sql.Composable]:
        was, will = map(self._holds, self.sides)
        return [], sql.SQL(
            "SELECT count(*) FILTER (WHERE {was}), count(*) FILTER (WHERE {will}),"
            " count(*) FILTER (WHERE {will} AND NOT {was}) FROM measured s"
        ).format(was=was, will=will)

    def _holds(self, side: Placed) -> sql.Composable:
        if side.version is None:
            return sql.SQL("FALSE")
        return applies(side.version, by_scenario(side.versions), self.facts)
