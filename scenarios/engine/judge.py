"""Which rules fire on whom: one statement for each kind of subject, however many mentors and rules there are.

Rules are compiled to constants and judged where the facts are; only what fired crosses to Python.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q
from psycopg import sql

from ..measures import MEMBERSHIPS, expressions
from ..models import Chapter, RuleVersion
from ..models.rules import Judged
from ..triggers.base import CERTIFICATION, MENTOR
from .compare import fires, occasion, reading
from .facts import Facts
from .frame import Frame
from .population import SUBJECT, Logged, Share, as_sql
from .scope import applies, by_scenario, in_chapter


@dataclass
class Hits:
    """What fired, column by column: the form in which it goes back to the database."""

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

    def fired(self) -> set[tuple[int, int, str]]:
        """Return what fired as (mentor, rule version, subject)."""
        return set(zip(self.mentor_ids, self.version_ids, self.subjects, strict=True))


def in_force(known_at: datetime) -> list[RuleVersion]:
    """Return the versions of the enabled rules as they were at `known_at`, by priority, then rule."""
    versions = RuleVersion.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=known_at),
        valid_from__lte=known_at,
        enabled=True,
    )
    return list(versions.order_by("priority", "rule_id"))


def rules_for_activities(known_at: datetime, chapter: Chapter | None) -> list[RuleVersion]:
    """Return the rules that hold for activities posted to a chapter; without a chapter, the shared ones."""
    return [version for version in in_chapter(in_force(known_at), chapter) if version.judged == Judged.ACTIVITY]


def judge(
    versions: Sequence[RuleVersion], share: Share, frame: Frame, *, only: Sequence[RuleVersion] | None = None
) -> Hits:
    """Return what fires on these mentors. No order is promised.

    `versions` are all the rules in force, since a narrower rule replaces a wider one of its scenario whenever the two
    are judged. Weighed are those that are judged on such a share, or `only` these.
    """
    hits = Hits()
    with connection.cursor() as cursor:
        for question in _questions(versions, share, frame, only):
            cursor.execute(question.fired())
            for mentor_id, key, numbers, *readings in cursor:
                for n in numbers:
                    reading, occasion = readings[question.place[n]]
                    hits.add(mentor_id, question.chosen[n].pk, key, occasion, reading)
    return hits


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
    with connection.cursor() as cursor:
        for question in _questions(versions, mentor, frame, None):
            cursor.execute(question.everything())
            for key, applying, firing, *readings in cursor:
                for n, version in enumerate(question.chosen):
                    if applying[n]:
                        reading, occasion = readings[question.place[n]]
                        answers.append(Answer(version, key, occasion, bool(firing[n]), json.loads(reading)))
    return sorted(answers, key=lambda answer: (answer.version.priority, answer.version.rule_id, answer.subject))


def _questions(
    versions: Sequence[RuleVersion], share: Share, frame: Frame, only: Sequence[RuleVersion] | None
) -> Iterator["Question"]:
    judged = Judged.ACTIVITY if isinstance(share, Logged) else Judged.DAILY
    weighed = only if only is not None else [version for version in versions if version.judged == judged]
    for subject in (MENTOR, CERTIFICATION):
        if chosen := [version for version in weighed if version.trigger.subject == subject]:
            yield Question(subject, chosen, versions, share, frame)


class Question:
    """The rules that are weighed on one kind of subject, as parts of one statement."""

    def __init__(
        self,
        subject: str,
        chosen: Sequence[RuleVersion],
        versions: Sequence[RuleVersion],
        share: Share,
        frame: Frame,
    ):  # fmt: skip
        self.subject, self.chosen, self.share, self.frame = subject, chosen, share, frame
        measures = [version.trigger.measure(version) for version in chosen]
        # Rules that measure the same thing share one reading.
        self.distinct = list(dict.fromkeys(measures))
        self.place = [self.distinct.index(measure) for measure in measures]
        wanted = [expression for measure in self.distinct for expression in expressions(measure)]
        if any(version.chapter_id for version in (*versions, *chosen)):
            wanted.append(MEMBERSHIPS)
        self.facts = Facts(wanted, frame, share)
        scenarios = by_scenario(versions)
        self.applying = [applies(version, scenarios, self.facts) for version in chosen]
        self.firing = [fires(version, measure, self.facts) for version, measure in zip(chosen, measures, strict=True)]

    def fired(self) -> sql.Composable:
        """Return only the subjects on which something fires, with the numbers of the rules."""
        tests = [sql.SQL("({} AND {})").format(*pair) for pair in zip(self.applying, self.firing, strict=True)]
        numbers = [sql.SQL("CASE WHEN {} THEN {} END").format(test, sql.Literal(n)) for n, test in enumerate(tests)]
        return self._select(
            sql.SQL("s.mentor_id, {key}, array_remove(ARRAY[{numbers}]::int[], NULL), {readings}").format(
                numbers=sql.SQL(", ").join(numbers), **self._columns()
            ),
            sql.SQL(" OR ").join(tests),
        )

    def everything(self) -> sql.Composable:
        """Return every subject, with whether each rule applies and whether it fires."""
        return self._select(
            sql.SQL("{key}, ARRAY[{applying}], ARRAY[{firing}], {readings}").format(
                applying=sql.SQL(", ").join(self.applying), firing=sql.SQL(", ").join(self.firing), **self._columns()
            ),
            sql.SQL("TRUE"),
        )

    def _columns(self) -> dict[str, sql.Composable]:
        readings = [
            sql.SQL("ARRAY[{}, {}]").format(
                reading(measure, self.facts), occasion(measure, self.facts) or self._occasion()
            )
            for measure in self.distinct
        ]
        return {
            "key": sql.SQL("s.key") if self.subject == CERTIFICATION else sql.SQL("''"),
            "readings": sql.SQL(", ").join(readings),
        }

    def _select(self, columns: sql.Composable, where: sql.Composable) -> sql.Composable:
        return sql.SQL(
            "WITH subject({names}) AS ({mentors}) SELECT {columns} FROM {source} s {joins} WHERE {where}"
        ).format(
            names=sql.SQL(", ").join(map(sql.Identifier, SUBJECT)),
            mentors=as_sql(self.share.mentors(self.frame)),
            columns=columns,
            source=self._certifications() if self.subject == CERTIFICATION else sql.SQL("subject"),
            joins=self.facts.joins,
            where=where,
        )

    def _certifications(self) -> sql.Composable:
        """Return the latest certification of each kind and mentor: an earlier one has been renewed."""
        return sql.SQL(
            "(SELECT subject.*, latest.key, latest.kind, latest.expires_at FROM subject JOIN ("
            "SELECT DISTINCT ON (f.mentor_id, f.kind) f.mentor_id, f.certification_id AS key, f.kind, f.expires_at {}"
            " ORDER BY f.mentor_id, f.kind, f.expires_at DESC, f.id DESC) latest USING (mentor_id))"
        ).format(self.facts.rows("certification"))

    def _occasion(self) -> sql.Composable:
        if isinstance(self.share, Logged):
            return self.share.literal("activity_id")
        return sql.SQL("to_char({} AT TIME ZONE s.time_zone, 'YYYY-MM-DD')").format(sql.Literal(self.frame.instant))
