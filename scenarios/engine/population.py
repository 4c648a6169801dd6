"""Who is weighed: a range of the active mentors, mentors that a caller named, or the one who logged an activity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from psycopg import sql

from ..models import Activity, Pause, PeerMentor
from .blanks import Blank, blank
from .frame import Frame

# What a share is compiled with in the place of its values, which are filled in each time; they are equal to themselves,
# so that two ranges are asked by one statement. Any, since they stand for ids and instants alike.
LO: Any = Blank("lo")
HI: Any = Blank("hi")
IDS: Any = RawSQL("SELECT unnest(%%(ids)s::bigint[])", [])
MENTOR_ID: Any = Blank("mentor_id")
ACTIVITY: Any = "the activity"
CHAPTER_ID: Any = Blank("chapter_id")
FRAME: Any = Frame(*(Blank(name) for name in ("instant", "known_at", "decided_at")))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Range:
    """The active mentors whose internal ids lie from `lo` to `hi`, both included, but for some organisations'."""

    lo: int
    hi: int
    without: tuple[str, ...] = ()

    def blank(self) -> "Range":
        return replace(self, lo=LO, hi=HI)

    def values(self) -> dict[str, Any]:
        return {"lo": self.lo, "hi": self.hi}

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("{} BETWEEN {} AND {}").format(column, blank("lo"), blank("hi"))

    def mentors(self, frame: Frame) -> QuerySet[PeerMentor]:
        mine = (self.lo, self.hi)
        mentors = active(frame.instant, frame.known_at, paused_among=mine).filter(id__range=mine)
        return mentors.exclude(organization__in=self.without) if self.without else mentors


@dataclass(frozen=True)
class Named:
    """Mentors named by a caller, whether they are active or not: the gates say who has left or is paused.

    `apart_from` names decisions that are looked at again: they don't count as told before.
    """

    ids: Sequence[int]
    apart_from: Sequence[int] = ()

    def blank(self) -> "Named":
        return Named(IDS, ())

    def values(self) -> dict[str, Any]:
        return {"ids": list(self.ids), "apart_from": list(self.apart_from)}

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("{} = ANY({})").format(column, blank("ids", "bigint[]"))

    def mentors(self, frame: Frame) -> QuerySet[PeerMentor]:
        return PeerMentor.objects.filter(id__in=self.ids, joined_at__lte=frame.instant, recorded_at__lte=frame.known_at)


@dataclass(frozen=True)
class Logged:
    """One activity, stored or only proposed, of one mentor, judged in the chapter that it was posted for.

    Facts leave out the activity's own id, so that an activity stored before or after it is judged gives one answer.
    """

    mentor_id: int
    activity: Activity
    chapter_id: str

    # The fields of the activity that a measure can name, with their SQL types.
    COLUMNS: ClassVar[dict[str, str]] = {
        "activity_id": "text",
        "activity_type": "text",
        "distance_meters": "bigint",
        "duration_seconds": "bigint",
        "contact_id": "text",
        "contact_type": "text",
        "wellbeing_flags": "text[]",
        "is_group": "boolean",
        "participants": "bigint",
    }

    def blank(self) -> "Logged":
        return Logged(MENTOR_ID, ACTIVITY, CHAPTER_ID)

    def values(self) -> dict[str, Any]:
        own = {name: getattr(self.activity, name) for name in self.COLUMNS}
        return {"mentor_id": self.mentor_id, "chapter_id": self.chapter_id, **own}

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("{} = {}").format(column, blank("mentor_id"))

    def mentors(self, frame: Frame) -> QuerySet[PeerMentor]:
        return PeerMentor.objects.filter(pk=self.mentor_id)

    def own(self, name: str) -> sql.Composable:
        """Return a field of the activity itself."""
        return blank(name, self.COLUMNS[name])


Share = Range | Named | Logged


def active(
    instant: datetime, known_at: datetime, *, paused_among: tuple[int, int] | None = None
) -> QuerySet[PeerMentor]:
    """Return the mentors who had joined, not left, and were not paused at `instant`, as was known at `known_at`.

    `paused_among` says in which range of ids the pauses lie that matter, so that a batch doesn't read them all.
    """
    pauses = Pause.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=instant),
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=known_at),
        mentor=OuterRef("pk"),
        starts_at__lte=instant,
        recorded_at__lte=known_at,
    )
    if paused_among:
        pauses = pauses.filter(mentor_id__gte=paused_among[0], mentor_id__lte=paused_among[1])
    return PeerMentor.objects.filter(
        ~Exists(pauses),
        Q(left_at__isnull=True) | Q(left_at__gt=instant) | Q(left_recorded_at__gt=known_at),
        joined_at__lte=instant,
        recorded_at__lte=known_at,
    )


# The columns of a subject, with where the ORM finds them.
SUBJECT = {
    "mentor_id": "id",
    "organization_id": "organization_id",
    "joined_at": "joined_at",
    "recorded_at": "recorded_at",
    "time_zone": "organization__time_zone",
    "weekly_distance_meters": "weekly_distance_meters",
    "weekly_minutes": "weekly_minutes",
    "weekly_activities": "weekly_activities",
}


@lru_cache(maxsize=32)
def as_sql(share: Share, columns: tuple[str, ...]) -> sql.Composable:
    """Return the mentors of a blank share as a sub-select with some of the columns of SUBJECT, in that order."""
    return as_subselect(share.mentors(FRAME).order_by().values_list(*subject_columns(columns)))


def subject_columns(names: Sequence[str]) -> list[F]:
    return [F(SUBJECT[name]) for name in names]


def count(share: Share, frame: Frame) -> int:
    """Return how many mentors are weighed."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT count(*) FROM ({}) AS weighed").format(as_sql(share.blank(), ("mentor_id",))),
            {**frame.values(), **share.values()},
        )
        return cursor.fetchone()[0]


def as_subselect(rows: QuerySet) -> sql.Composable:
    """Return a query of the ORM as text, its values in it, to stand inside a statement of ours."""
    text: str = connection.ops.compose_sql(*rows.query.sql_with_params())  # type: ignore[attr-defined]
    return sql.SQL(text)
