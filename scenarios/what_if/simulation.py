# ruff: noqa: S608  (put together from constants; values go in as parameters)
"""What fires at many moments, decided in the order in which it would have been: the gates of the runs, wave by wave.

Matching needs no order and is one question for all moments. The gates do: what somebody was told counts from then on,
but only for the same person. So a wave holds at most one moment of each mentor, and a statement decides a wave.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from .. import gates
from ..engine import Days, Frame, Several, judge_into, logged_row
from ..engine.scope import in_chapter
from ..measures import Milestone
from ..models import RuleVersion
from ..models.rules import Judged
from .looking_again import Waiting, no_longer_due_each
from .relogging import Logging, Rules

TABLES = (
    """
    CREATE TEMP TABLE what_if_moment (
        number bigint PRIMARY KEY, part int NOT NULL, instant timestamptz NOT NULL, gate_at timestamptz NOT NULL,
        gate_known_at timestamptz NOT NULL, run_id text
    ) ON COMMIT DROP
    """,
    """
    CREATE TEMP TABLE what_if_fired (
        n bigint GENERATED ALWAYS AS IDENTITY, mentor_id bigint, version_id bigint, subject text, occasion text,
        readings text, number bigint
    ) ON COMMIT DROP
    """,
    """
    CREATE TEMP TABLE what_if_hit (
        n bigint, mentor_id bigint, version_id bigint, subject text, occasion text, readings text, number bigint,
        part int, wave int, instant timestamptz, gate_at timestamptz, gate_known_at timestamptz, run_id text
    ) ON COMMIT DROP
    """,
    "CREATE TEMP TABLE what_if_reason (n bigint PRIMARY KEY, reason text NOT NULL) ON COMMIT DROP",
    """
    CREATE TEMP TABLE what_if_doomed (
        decision_id bigint PRIMARY KEY, mentor_id bigint, due_at timestamptz, reason text
    ) ON COMMIT DROP
    """,
)

NOTE = (
    "INSERT INTO what_if_moment SELECT * FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[],"
    " %s::timestamptz[], %s::text[])"
)

# A wave is a day's run, or those activities after it that are the first, second, ... of their mentors.
ORDER = """
INSERT INTO what_if_hit
SELECT f.n, f.mentor_id, f.version_id, f.subject, f.occasion, f.readings, f.number, m.part,
       dense_rank() OVER (ORDER BY m.part, CASE WHEN m.run_id IS NULL THEN m.place ELSE 0 END),
       m.instant, m.gate_at, m.gate_known_at, m.run_id
FROM what_if_fired f JOIN (
    SELECT moment.*, fired.mentor_id,
           dense_rank() OVER (PARTITION BY part, fired.mentor_id ORDER BY run_id IS NULL, gate_at, number) AS place
    FROM (SELECT DISTINCT number, mentor_id FROM what_if_fired) fired JOIN what_if_moment moment USING (number)
) m ON m.number = f.number AND m.mentor_id = f.mentor_id
"""

# What somebody was told comes untrue before the next moment of theirs.
WITHDRAW = """
UPDATE scenarios_decision d SET outcome = 'withdrawn', outcome_reason = doomed.reason, settled_at = doomed.due_at
FROM what_if_doomed doomed
WHERE doomed.decision_id = d.id AND d.outcome = 'pending' AND EXISTS (
    SELECT FROM what_if_hit h
    WHERE h.wave = %(wave)s AND h.mentor_id = doomed.mentor_id AND doomed.due_at <= h.gate_at
)
"""

# A milestone is reached, as far as the facts go; whether it was told already is asked of what stands by now.
TOLD_BEFORE = """
SELECT FROM scenarios_decision d JOIN scenarios_ruleversion mine ON mine.id = h.version_id
WHERE d.mentor_id = h.mentor_id AND d.rule_id = mine.rule_id AND d.outcome IN ('pending', 'told')
  AND d.decided_at <= h.gate_known_at AND d.instant <= h.instant
  AND CASE WHEN d.occasion ~ (split_part(h.occasion, ':', 1) || ':[0-9]+$')
      THEN split_part(d.occasion, ':', 2)::bigint >= split_part(h.occasion, ':', 2)::bigint END
"""
OF_THE_WAVE = (
    "(SELECT * FROM what_if_hit h WHERE h.wave = %(wave)s AND (%(everybody)s OR h.mentor_id = ANY(%(mentor_ids)s))"
    f" AND NOT (h.version_id = ANY(%(once)s) AND EXISTS ({TOLD_BEFORE})))"
)
# Decisions of the simulation have numbers below zero: those of the hits.
DECIDE = (
    f"WITH {gates.over_rows(gates.weighed(), OF_THE_WAVE)}, told AS ("
    " INSERT INTO scenarios_decision (id, mentor_id, organization_id, rule_id, rule_version_id, subject, occasion,"
    " readings, run_id, instant, known_at, decided_at, reason, scheduled_for, outcome, outcome_reason)"
    " OVERRIDING SYSTEM VALUE"
    " SELECT -n, mentor_id, organization_id, rule_id, version_id, subject, occasion, '{}', run_id, instant,"
    " gate_known_at, gate_at, '', instant + make_interval(hours => delay_hours), 'pending', ''"
    " FROM weighed WHERE reason = ''"
    ") INSERT INTO what_if_reason SELECT n, reason FROM weighed"
)
# Delayed for long enough that it may come untrue, or logged so late that it is of no use.
WAITING = """
SELECT d.id, d.mentor_id, d.rule_version_id, d.subject, d.occasion, d.scheduled_for,
       greatest(d.scheduled_for, d.decided_at), h.number, coalesce(d.evaluation_id, '')
FROM scenarios_decision d LEFT JOIN what_if_hit h ON h.n = -d.id
WHERE d.outcome = 'pending' AND greatest(d.scheduled_for, d.decided_at) <= %(until)s
  AND (d.scheduled_for > d.decided_at OR d.scheduled_for < d.decided_at - interval '7 days' AND d.run_id IS NULL)
  AND NOT d.id = ANY(%(asked)s)
ORDER BY d.id
"""
DECIDED = (
    "(SELECT * FROM what_if_hit JOIN what_if_reason USING (n)) AS hit"
    " WHERE version_id = ANY(coalesce(%s, ARRAY[version_id]))"
)
ANEW = (
    "DELETE FROM what_if_reason r USING what_if_hit h WHERE h.n = r.n AND h.mentor_id = ANY(%(mentor_ids)s)",
    "DELETE FROM scenarios_decision WHERE id < 0 AND mentor_id = ANY(%(mentor_ids)s)",
    """
    UPDATE scenarios_decision d SET outcome = 'pending', outcome_reason = '', settled_at = NULL
    FROM what_if_doomed doomed WHERE doomed.decision_id = d.id AND doomed.mentor_id = ANY(%(mentor_ids)s)
    """,
)

Progress = Callable[[float], None]


def of(version_ids: Collection[int] | None) -> list[int] | None:
    return None if version_ids is None else list(version_ids)


def no_progress(share: float) -> None:
    """Tell nobody how far it is."""


@dataclass
class Simulation:
    """Moments at which something is judged, inside of a sandbox: days first, each with its number from 1 on.

    `rules` are those of each moment. `known_at` is for hindsight: what was known then, where it is left out.
    """

    rules: Rules
    progress: Progress = no_progress
    known_at: datetime | None = None
    versions: dict[int, RuleVersion] = field(default_factory=dict)
    loggings: dict[int, Logging] = field(default_factory=dict)
    _numbers: int = 0

    def __post_init__(self) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(table)

    def days(self, instants: Sequence[datetime], *, lo: int, hi: int) -> None:
        """Judge the active mentors on each of these days."""
        self._numbers = len(instants)
        frames = [(n, Frame(at, self.known_at or at, at)) for n, at in enumerate(instants, 1)]
        self._note([(n, n, at.instant, at.decided_at, at.known_at, f"day {n}") for n, at in frames])
        for versions, same in groupby(frames, lambda frame: self.rules.at(frame[1].instant)):
            judge_into("what_if_fired", self._met(versions), Days(lo, hi, tuple(same)))

    def activities(self, loggings: Iterable[Logging], part_of: Callable[[datetime], int]) -> None:
        """Judge activities, each when it became known; `part_of` says after which day that was."""
        asked: dict[tuple, tuple[list[RuleVersion], list[dict]]] = {}
        moments = []
        for logging in loggings:
            self._numbers += 1
            self.loggings[self._numbers] = logging
            known_at = self.known_at or logging.at
            completed_at = logging.activity.completed_at
            moments.append((self._numbers, part_of(logging.at), completed_at, logging.at, known_at, None))
            holding = [
                version
                for version in in_chapter(self.rules.at(logging.at), logging.chapter)
                if version.judged == Judged.ACTIVITY
            ]
            frame = Frame(completed_at, known_at, logging.at)
            chapter_id = logging.chapter.pk if logging.chapter else ""
            _versions, rows = asked.setdefault(tuple(version.pk for version in holding), (holding, []))
            rows.append(logged_row(self._numbers, logging.activity, chapter_id, frame))
        self._note(moments)
        for holding, rows in asked.values():
            if holding:
                judge_into("what_if_fired", self._met(holding), Several(rows, of_activities=True))

    def _note(self, moments: list[tuple]) -> None:
        columns: list = list(zip(*moments, strict=True)) if moments else [()] * 6
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [list(column) for column in columns])

    def _met(self, versions: list[RuleVersion]) -> list[RuleVersion]:
        self.versions |= {version.pk: version for version in versions}
        return versions

    def decide(self, until: datetime) -> None:
        """Ask the gates in order; what is delayed is looked at again when it is due, at most until an instant."""
        with connection.cursor() as cursor:
            cursor.execute(ORDER)
            cursor.execute("CREATE INDEX ON what_if_hit (wave, mentor_id)")
            cursor.execute("CREATE INDEX ON what_if_hit (n)")
            cursor.execute("ANALYZE what_if_hit")
            cursor.execute("ANALYZE pg_temp.scenarios_decision")
        asked: set[int] = set()
        self._look_again(asked, until)
        mentor_ids: list[int] | None = None
        while mentor_ids is None or mentor_ids:
            self._pass(mentor_ids)
            # Who was told something that came untrue is decided anew, knowing that.
            mentor_ids = self._look_again(asked, until)

    def _pass(self, mentor_ids: list[int] | None) -> None:
        once = [pk for pk, version in self.versions.items() if isinstance(version.trigger.measure(version), Milestone)]
        given: dict[str, Any] = {"everybody": mentor_ids is None, "mentor_ids": mentor_ids or [], "once": once}
        with connection.cursor() as cursor:
            if mentor_ids:
                for statement in ANEW:
                    cursor.execute(statement, given)
            cursor.execute(
                "SELECT DISTINCT wave FROM what_if_hit WHERE %(everybody)s OR mentor_id = ANY(%(mentor_ids)s)"
                " ORDER BY wave",
                given,
            )
            waves = [wave for (wave,) in cursor]
            cursor.execute("SELECT EXISTS (SELECT FROM what_if_doomed)")
            (doomed,) = cursor.fetchone()
            for done, wave in enumerate(waves):
                if doomed:
                    cursor.execute(WITHDRAW, {"wave": wave})
                cursor.execute(DECIDE, {**given, "wave": wave})
                if mentor_ids is None:
                    self.progress(done / len(waves))

    def _look_again(self, asked: set[int], until: datetime) -> list[int]:
        """Look at what was told and isn't known to stay true; return whose messages came untrue."""
        with connection.cursor() as cursor:
            cursor.execute(WAITING, {"until": until, "asked": list(asked)})
            waiting = [Waiting(*row) for row in cursor]
            asked |= {row.decision_id for row in waiting}
            reasons = no_longer_due_each(waiting, self.rules, self.versions, self.loggings) if waiting else {}
            doomed = [
                (row.decision_id, row.mentor_id, row.due_at, reasons[row.decision_id])
                for row in waiting
                if row.decision_id in reasons
            ]
            cursor.executemany("INSERT INTO what_if_doomed VALUES (%s, %s, %s, %s)", doomed)
        return sorted({mentor_id for _id, mentor_id, *_rest in doomed})

    def counts(self, version_ids: Collection[int] | None = None) -> dict[int, Counter[str]]:
        """Return for each part how often each reason was given; the empty one is to be told. Of some rules, or all."""
        counts: dict[int, Counter[str]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT part, reason, count(*) FROM {DECIDED} GROUP BY part, reason",
                [of(version_ids)],
            )
            for part, reason, count in cursor:
                counts.setdefault(part, Counter())[reason] = count
        return counts

    def told(self, version_ids: Collection[int] | None = None) -> Counter[int]:
        """Return how often each mentor would have been told something."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT mentor_id, count(*) FROM {DECIDED} AND reason = '' GROUP BY mentor_id",
                [of(version_ids)],
            )
            return Counter(dict(cursor.fetchall()))

    def rows(self, most: int | None = None, version_ids: Collection[int] | None = None) -> list[tuple]:
        """Return (part, number, mentor, version, subject, occasion, readings, reason, when logged) of what fired.

        With `most` at most so many of each part, those who would be told first.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT part, number, mentor_id, version_id, subject, occasion, readings, reason,"
                " CASE WHEN run_id IS NULL THEN gate_at END FROM ("
                f"SELECT *, row_number() OVER (PARTITION BY part ORDER BY reason <> '', number, mentor_id, n) AS place"
                f" FROM {DECIDED}) AS decided WHERE %s::int IS NULL OR place <= %s ORDER BY number, mentor_id, n",
                [of(version_ids), most, most],
            )
            return cursor.fetchall()
