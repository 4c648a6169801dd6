"""Which rules fire on whom: one statement for each kind of subject, however many mentors and rules there are.

Rules are compiled to constants and judged where the facts are; only what fired crosses to Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q
from psycopg import sql

from ..measures import MEMBERSHIPS, Measure, expressions
from ..models import RuleVersion
from ..models.rules import Judged
from ..triggers.base import CERTIFICATION, MENTOR
from .compare import fires, reading
from .facts import Facts
from .frame import Frame
from .population import SUBJECT, Logged, Share, as_sql
from .scope import applies


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


def in_force(known_at: datetime, judged: str = Judged.DAILY) -> list[RuleVersion]:
    """Return the versions of the enabled rules as they were at `known_at`, by priority, then rule."""
    versions = RuleVersion.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=known_at),
        valid_from__lte=known_at,
        enabled=True,
        judged=judged,
    )
    return list(versions.order_by("priority", "rule_id"))


def judge(versions: Sequence[RuleVersion], share: Share, frame: Frame) -> Hits:
    """Return what fires of these rules on these mentors. No order is promised."""
    hits = Hits()
    with connection.cursor() as cursor:
        for subject in (MENTOR, CERTIFICATION):
            chosen = [version for version in versions if version.trigger.subject == subject]
            if not chosen:
                continue
            measures = _measures(chosen)
            # Rules that measure the same thing share one reading.
            place = {measure: n for n, measure in enumerate(dict.fromkeys(measures))}
            cursor.execute(_statement(chosen, versions, share, frame))
            for mentor_id, key, occasion, fired, *readings in cursor:
                for n in fired:
                    hits.add(mentor_id, chosen[n].pk, key, occasion, readings[place[measures[n]]])
    return hits


def _measures(versions: Sequence[RuleVersion]) -> list[Measure]:
    return [version.trigger.measure(version) for version in versions]


def _statement(
    chosen: Sequence[RuleVersion], all_versions: Sequence[RuleVersion], share: Share, frame: Frame
) -> sql.Composable:
    """Return the one statement for rules of the same kind of subject."""
    subject, measures = chosen[0].trigger.subject, _measures(chosen)
    wanted = [expression for measure in measures for expression in expressions(measure)]
    if any(version.chapter_id for version in all_versions):
        wanted.append(MEMBERSHIPS)
    facts = Facts(wanted, frame, share)

    tests = [
        sql.SQL("({} AND {})").format(applies(version, all_versions, facts), fires(version, measure, facts))
        for version, measure in zip(chosen, measures, strict=True)
    ]
    numbers = [sql.SQL("CASE WHEN {} THEN {} END").format(test, sql.Literal(n)) for n, test in enumerate(tests)]
    readings = [reading(measure, facts) for measure in dict.fromkeys(measures)]
    return sql.SQL(
        "WITH subject({columns}) AS ({mentors}) SELECT s.mentor_id, {key}, {occasion},"
        " array_remove(ARRAY[{numbers}]::int[], NULL), {readings}"
        " FROM {source} s {joins} WHERE {tests}"
    ).format(
        mentors=as_sql(share.mentors(frame)),
        key=sql.SQL("s.key") if subject == CERTIFICATION else sql.SQL("''"),
        columns=sql.SQL(", ").join(map(sql.Identifier, SUBJECT)),
        occasion=_occasion(share, frame),
        numbers=sql.SQL(", ").join(numbers),
        readings=sql.SQL(", ").join(readings),
        source=_certifications(facts) if subject == CERTIFICATION else sql.SQL("subject"),
        joins=facts.joins,
        tests=sql.SQL(" OR ").join(tests),
    )


def _certifications(facts: Facts) -> sql.Composable:
    """Return the latest certification of each kind and mentor: an earlier one has been renewed."""
    return sql.SQL(
        "(SELECT subject.*, latest.key, latest.kind, latest.expires_at FROM subject JOIN ("
        "SELECT DISTINCT ON (f.mentor_id, f.kind) f.mentor_id, f.certification_id AS key, f.kind, f.expires_at {}"
        " ORDER BY f.mentor_id, f.kind, f.expires_at DESC, f.id DESC) latest USING (mentor_id))"
    ).format(facts.rows("certification"))


def _occasion(share: Share, frame: Frame) -> sql.Composable:
    if isinstance(share, Logged):
        return share.literal("activity_id")
    return sql.SQL("to_char({} AT TIME ZONE s.time_zone, 'YYYY-MM-DD')").format(sql.Literal(frame.instant))
