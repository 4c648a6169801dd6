"""Many subjects in one question, each row `x` with a frame of its own: days of mentors, or activities of any time.

They are compiled like any other share, but for the instants: those are columns of the subject and no blanks.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from psycopg import sql

from ..models import PeerMentor
from .blanks import blank
from .frame import Frame
from .population import HI, LO, Logged, Named, Range

# The frame of one row, as the queries of the ORM say it.
ROW_FRAME: Any = Frame(RawSQL("x.instant", []), RawSQL("x.known_at", []), RawSQL("x.decided_at", []))  # type: ignore[arg-type]
ROW_MENTOR: Any = RawSQL("x.mentor_id", [])

# What a row can say of itself, with SQL types: `number` is what its hits are known by, `apart_from` a decision that is
# looked at again, `chapter_id` the chapter that its activity was posted for.
COLUMNS = {
    "number": "bigint",
    "instant": "timestamptz",
    "known_at": "timestamptz",
    "decided_at": "timestamptz",
    "apart_from": "bigint",
    "chapter_id": "text",
    **Logged.COLUMNS,
}


@dataclass(frozen=True)
class Days:
    """The active mentors of a range on each of several days; a hit's number is that of its day.

    What was told is not looked at, since it depends on what is decided on the days between: see `gates`.
    """

    lo: int
    hi: int
    frames: Sequence[tuple[int, Frame]] = ()

    told_later = True
    of_activities = False
    columns = ("number", "instant", "known_at")

    def blank(self) -> "Days":
        return replace(self, lo=LO, hi=HI, frames=())

    def values(self) -> dict[str, Any]:
        return {
            "lo": self.lo,
            "hi": self.hi,
            "numbers": [number for number, _frame in self.frames],
            "instants": [frame.instant for _number, frame in self.frames],
            "known_ats": [frame.known_at for _number, frame in self.frames],
        }

    def source(self) -> sql.Composable:
        return sql.SQL("unnest({}, {}, {}) AS x(number, instant, known_at)").format(
            blank("numbers", "bigint[]"), blank("instants", "timestamptz[]"), blank("known_ats", "timestamptz[]")
        )

    def mentors(self, frame: Frame) -> QuerySet[PeerMentor]:
        return Range(self.lo, self.hi).mentors(frame)

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return Range(self.lo, self.hi).restrict(column)


@dataclass(frozen=True)
class Several:
    """Subjects that a caller wrote down, each with mentor and frame: activities, or mentors at instants."""

    rows: Sequence[dict[str, Any]]
    of_activities: bool

    told_later = False

    @property
    def columns(self) -> tuple[str, ...]:
        common = ("number", "instant", "known_at", "apart_from")
        return (*common, "chapter_id", *Logged.COLUMNS) if self.of_activities else common

    def blank(self) -> "Several":
        return Several((), self.of_activities)

    def values(self) -> dict[str, Any]:
        return {"rows": json.dumps(self.rows, default=_as_text)}

    def source(self) -> sql.Composable:
        named: list[sql.Composable] = [sql.SQL("mentor_id bigint")]
        named += [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(COLUMNS[name])) for name in self.columns]
        return sql.SQL("jsonb_to_recordset({}) AS x({})").format(blank("rows", "jsonb"), sql.SQL(", ").join(named))

    def mentors(self, frame: Frame) -> QuerySet[PeerMentor]:
        if self.of_activities:
            return PeerMentor.objects.filter(pk=ROW_MENTOR)
        return Named([ROW_MENTOR]).mentors(frame)

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("TRUE")


Framed = Days | Several


def _as_text(value: object) -> str:
    assert isinstance(value, datetime), value
    return value.isoformat()


def logged_row(number: int, activity: Any, chapter_id: str, frame: Frame) -> dict[str, Any]:
    """Return an activity as a row of `Several`."""
    own = {name: getattr(activity, name) for name in Logged.COLUMNS}
    return {
        "mentor_id": activity.mentor_id,
        "chapter_id": chapter_id,
        **mentor_row(number, activity.mentor_id, frame),
        **own,
    }


def mentor_row(number: int, mentor_id: int, frame: Frame, apart_from: int = 0) -> dict[str, Any]:
    """Return a mentor at an instant as a row of `Several`."""
    at = {"instant": frame.instant, "known_at": frame.known_at}
    return {"number": number, "mentor_id": mentor_id, "apart_from": apart_from, **at}
