"""Who is weighed: a range of the active mentors, mentors that a caller named, or the one who logged an activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from psycopg import sql

from ..models import Activity, Pause, PeerMentor
from .frame import Frame


@dataclass(frozen=True)
class Range:
    """The active mentors whose internal ids lie from `lo` to `hi`, both included, but for some organisations'."""

    lo: int
    hi: int
    without: tuple[str, ...] = ()

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("{} BETWEEN {} AND {}").format(column, sql.Literal(self.lo), sql.Literal(self.hi))

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

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("{} = ANY({}::bigint[])").format(column, sql.Literal(list(self.ids)))

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

    def restrict(self, column: sql.Composable) -> sql.Composable:
        return sql.SQL("{} = {}").format(column, sql.Literal(self.mentor_id))

    def mentors(self, frame: Frame) -> QuerySet[PeerMentor]:
        return PeerMentor.objects.filter(pk=self.mentor_id)

    def literal(self, name: str) -> sql.Composable:
        return sql.SQL("{}::{}").format(sql.Literal(getattr(self.activity, name)), sql.SQL(self.COLUMNS[name]))


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


SUBJECT = (
    "mentor_id",
    "organization_id",
    "joined_at",
    "time_zone",
    "weekly_distance_meters",
    "weekly_minutes",
    "weekly_activities",
)


def as_sql(mentors: QuerySet[PeerMentor]) -> sql.Composable:
    """Return the mentors as a sub-select with the columns SUBJECT, in that order."""
    rows = mentors.order_by().values_list(
        "id",
        "organization_id",
        "joined_at",
        F("organization__time_zone"),
        "weekly_distance_meters",
        "weekly_minutes",
        "weekly_activities",
    )
    return as_subselect(rows)


def as_subselect(rows: QuerySet) -> sql.Composable:
    """Return a query of the ORM as text, its values in it, to stand inside a statement of ours."""
    text: str = connection.ops.compose_sql(*rows.query.sql_with_params())  # type: ignore[attr-defined]
    return sql.SQL(text)
