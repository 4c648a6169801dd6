"""Which rules fire on whom: one statement for each kind of subject, however many mentors and rules there are.

Rules are compiled to constants and judged where the facts are; only what fired leaves the database.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from psycopg import sql

from ..models import Chapter, RuleVersion
from ..models.rules import EVALUATED, Judged
from .frame import Frame
from .framed import Framed
from .population import FRAME, Share, as_subselect
from .question import Everything, Fired, Kept, statements
from .scope import in_chapter


@dataclass
class Hits:
    """What fired, column by column, and what was read, as the text of a JSON object."""

    mentor_ids: list[int] = field(default_factory=list)
    version_ids: list[int] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    occasions: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.mentor_ids)

    def add(self, mentor_id: int, version_id: int, subject: str, occasion: str, readings: str) -> None:
        self.mentor_ids.append(mentor_id)
        self.version_ids.append(version_id)
        self.subjects.append(subject)
        self.occasions.append(occasion)
        self.readings.append(readings)

    def values(self) -> dict[str, Any]:
        """Return the columns as a statement takes them."""
        return vars(self)

    def fired(self) -> set[tuple[int, int, str]]:
        """Return what fired as (mentor, rule version, subject)."""
        return set(zip(self.mentor_ids, self.version_ids, self.subjects, strict=True))

    def occasions_of(self) -> dict[tuple[int, int, str], str]:
        """Return what each fired about, by mentor, rule version and subject."""
        return dict(
            zip(zip(self.mentor_ids, self.version_ids, self.subjects, strict=True), self.occasions, strict=True)
        )


@dataclass(frozen=True)
class Packed:
    """What fired, for those who only pass it on: each column an array as PostgreSQL wrote it, and never read here."""

    number: int
    columns: dict[str, str]

    def __len__(self) -> int:
        return self.number

    def values(self) -> dict[str, Any]:
        return self.columns


def in_force(known_at: datetime) -> list[RuleVersion]:
    """Return the versions of the rules that are on or watch, as they were at `known_at`, by priority, then rule."""
    return list(_in_force(known_at).order_by("priority", "rule_id"))


def in_force_kept(known_at: datetime) -> Kept:
    """Return the same, read again only when a version has come, gone or changed: some houses have thousands.

    The rows are shared with whoever asks next, so this is for those who only weigh.
    """
    with connection.cursor() as cursor:
        cursor.execute(_fingerprint(), {"known_at": known_at})
        (state,) = cursor.fetchone()
    kept = _read.get(state)
    if kept is None:
        if len(_read) >= MOST_READ:
            _read.clear()
        kept = _read[state] = Kept(in_force(known_at), state or "")
    return kept


def _in_force(known_at: datetime) -> QuerySet[RuleVersion]:
    return RuleVersion.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=known_at),
        valid_from__lte=known_at,
        state__in=EVALUATED,
    )


@lru_cache(maxsize=1)
def _fingerprint() -> sql.Composable:
    """Return the statement that tells one set of versions from another, with a blank for `known_at`."""
    # Where PostgreSQL keeps a row and who wrote it there: no two states of a row have both in common.
    state = RawSQL(STATE, [])  # noqa: S611 (a constant)
    states = as_subselect(_in_force(FRAME.known_at).values_list("id", state))
    return sql.SQL("SELECT md5(string_agg(state, ',' ORDER BY id)) FROM ({}) AS versions(id, state)").format(states)


STATE = "scenarios_ruleversion.id || ' ' || scenarios_ruleversion.xmin || scenarios_ruleversion.ctid"
MOST_READ = 4
_read: dict[str | None, Kept] = {}


def rules_for_activities(known_at: datetime, chapter: Chapter | None) -> list[RuleVersion]:
    """Return the rules that hold for activities posted to a chapter; without a chapter, the shared ones."""
    return [version for version in in_chapter(in_force_kept(known_at), chapter) if version.judged == Judged.ACTIVITY]


def judge(
    versions: Sequence[RuleVersion], share: Share, frame: Frame, *, only: Sequence[RuleVersion] | None = None
) -> Hits:
    """Return what fires on these mentors. No order is promised.

    `versions` are all the rules in force, since a narrower rule replaces a wider one of its scenario whenever the two
    are judged. Weighed are those that are judged on such a share, or `only` these.
    """
    hits = Hits()
    with connection.cursor() as cursor:
        for statement in statements(Fired, versions, share, only):
            cursor.execute(statement.text, statement.values(share, frame))
            for hit in cursor:
                hits.add(*hit)
    return hits


def judge_into(table: str, versions: Sequence[RuleVersion], share: Framed) -> None:
    """Put what fires on subjects that have frames of their own into a table, each hit with its subject's number."""
    columns = "mentor_id, version_id, subject, occasion, readings, number"
    with connection.cursor() as cursor:
        for statement in statements(Fired, versions, share):
            cursor.execute(f"INSERT INTO {table} ({columns}) {statement.text}", statement.values(share, None))


def judge_each(
    versions: Sequence[RuleVersion], share: Framed, *, only: Sequence[RuleVersion]
) -> dict[tuple[int, int, str], str]:
    """Return what some rules fire about on such subjects, by the subject's number, rule version and subject."""
    fired: dict[tuple[int, int, str], str] = {}
    with connection.cursor() as cursor:
        for statement in statements(Fired, versions, share, only):
            cursor.execute(statement.text, statement.values(share, None))
            fired |= {(number, version, key): occasion for _m, version, key, occasion, _r, number in cursor}
    return fired


COLUMNS = ("mentor_ids", "version_ids", "subjects", "occasions", "readings")
PACKED = "SELECT count(*), {arrays} FROM ({fired}) AS fired({columns})"


def judge_packed(versions: Sequence[RuleVersion], share: Share, frame: Frame) -> Packed:
    """Return what fires on these mentors, without a look at it: the same statements, gathered where they ran."""
    number = 0
    columns: dict[str, list[str]] = {name: [] for name in COLUMNS}
    arrays = ", ".join(f"coalesce(array_agg({name})::text, '{{}}')" for name in COLUMNS)
    with connection.cursor() as cursor:
        for statement in statements(Fired, versions, share):
            packed = PACKED.format(arrays=arrays, fired=statement.text, columns=", ".join(COLUMNS))
            cursor.execute(packed, statement.values(share, frame))
            fired, *texts = cursor.fetchone()
            number += fired
            for name, text in zip(COLUMNS, texts, strict=True):
                columns[name].append(text)
    return Packed(number, {name: _joined(texts) for name, texts in columns.items()})


def _joined(arrays: Sequence[str]) -> str:
    """Put arrays together, written as PostgreSQL writes them."""
    return "{" + ",".join(array[1:-1] for array in arrays if array != "{}") + "}"


@dataclass(frozen=True)
class Answer:
    """What one rule that applies to a mentor read of one subject, whether it fired or not; None: nothing to read."""

    version: RuleVersion
    subject: str
    occasion: str
    fired: bool
    readings: dict


def interview(versions: Sequence[RuleVersion], mentor: Share, frame: Frame) -> list[Answer]:
    """Return what every rule that applies to one mentor reads, by priority: the same expressions, nothing left out."""
    answers = []
    by_id = {version.pk: version for version in versions}
    with connection.cursor() as cursor:
        for statement in statements(Everything, versions, mentor):
            cursor.execute(statement.text, statement.values(mentor, frame))
            for key, applying, firing, *readings in cursor:
                for n, version_id in enumerate(statement.keys):
                    if applying[n]:
                        reading, occasion = readings[statement.places[n]]
                        answers.append(Answer(by_id[version_id], key, occasion, bool(firing[n]), json.loads(reading)))
    return sorted(answers, key=lambda answer: (answer.version.priority, answer.version.rule_id, answer.subject))
