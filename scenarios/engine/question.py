"""The rules that are weighed on one kind of subject, compiled to one statement with blanks for all that changes.

Rule versions never change, so what was compiled for some of them is kept, and judging one activity composes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import sql

from ..models import RuleVersion
from ..models.rules import Judged
from ..triggers.base import CERTIFICATION, MENTOR
from .blanks import constant
from .compare import fires, occasion, reading
from .facts import Facts
from .frame import Frame
from .population import SUBJECT, Logged, Share, as_sql
from .scope import applies, by_scenario, may_replace

# A process asks few different questions: those of a run, and those of the chapters that post activities.
MOST_KEPT = 64
_kept: dict[tuple, list["Statement"]] = {}


@dataclass(frozen=True)
class Statement:
    """A question as text with blanks; `moments` are the instants that it looks at, by how long after the frame's own.

    `keys` are those of the versions that are weighed, `places` where each finds its reading among the distinct ones.
    """

    text: str
    moments: Mapping[str, timedelta]
    keys: Sequence[int]
    places: Sequence[int]

    def values(self, share: Share, frame: Frame) -> dict[str, Any]:
        """Return what the blanks are filled in with."""
        moments = {name: frame.instant + later for name, later in self.moments.items()}
        return {**frame.values(), **share.values(), **moments}


def statements(
    kind: type["Question"], versions: Sequence[RuleVersion], share: Share, only: Sequence[RuleVersion] | None = None
) -> list[Statement]:
    """Return what is to be asked of such a share: a statement for each kind of subject.

    `versions` are all the rules in force; weighed are those that are judged on such a share, or `only` these.
    """
    judged = Judged.ACTIVITY if isinstance(share, Logged) else Judged.DAILY
    weighed = only if only is not None else [version for version in versions if version.judged == judged]
    narrow = may_replace(versions, weighed)
    # By what they say and not by their keys: a draft has none of its own.
    asked = (kind, share.blank(), tuple(map(_says, weighed)), tuple(map(_says, narrow)))
    found = _kept.get(asked)
    if found is None:
        found = _kept[asked] = [
            kind(subject, chosen, narrow, share.blank()).statement()
            for subject in (MENTOR, CERTIFICATION)
            if (chosen := [version for version in weighed if version.trigger.subject == subject])
        ]
        if len(_kept) > MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
    return found


def forget() -> None:
    """Compile everything anew; for tests that change how that is done."""
    _kept.clear()
    as_sql.cache_clear()


def _says(version: RuleVersion) -> tuple:
    """Return everything of a version that its statement is made of."""
    return (
        *(version.pk, version.rule_id, version.scenario_id, version.organization_id, version.chapter_id),
        *(version.trigger_type, version.threshold_days, version.judged, repr(version.parameters)),
    )


class Question:
    """One statement over one kind of subject: it weighs the chosen rules, some of which `narrow` ones replace."""

    def __init__(self, subject: str, chosen: Sequence[RuleVersion], narrow: Sequence[RuleVersion], share: Share):
        self.subject, self.chosen, self.share = subject, chosen, share
        self.scenarios = by_scenario(narrow)
        self.facts = Facts(share)
        measures = [version.trigger.measure(version) for version in chosen]
        # Rules that measure the same thing share one reading.
        self.distinct = list(dict.fromkeys(measures))
        places = {measure: n for n, measure in enumerate(self.distinct)}
        self.places = [places[measure] for measure in measures]
        self.readings = [reading(measure, self.facts) for measure in self.distinct]
        self.occasions = [occasion(measure, self.facts) or self._occasion() for measure in self.distinct]
        self.key = sql.SQL("s.key" if subject == CERTIFICATION else "''")

    def wanted(self) -> sql.Composable:
        """Return what is selected of the subjects `s` that were measured."""
        raise NotImplementedError

    def tests(self) -> list[tuple[sql.Composable, sql.Composable]]:
        """Return for each rule whether it applies to a subject, and whether it fires on it."""
        return [
            (
                applies(version, self.scenarios, self.facts),
                fires(self.distinct[place], version.trigger.fires_when, version.threshold_days, self.facts),
            )
            for version, place in zip(self.chosen, self.places, strict=True)
        ]

    def statement(self) -> Statement:
        wanted = self.wanted()
        # Measured is what was named until here.
        whole = sql.SQL("WITH subject({names}) AS ({mentors}), measured AS ({measured}) {wanted}").format(
            names=sql.SQL(", ").join(map(sql.Identifier, SUBJECT)),
            mentors=as_sql(self.share, tuple(SUBJECT)),
            measured=self.facts.measured(self._source()),
            wanted=wanted,
        )
        moments = {name: later for later, name in self.facts.moments.items()}
        return Statement(whole.as_string(), moments, [version.pk for version in self.chosen], self.places)

    def _source(self) -> sql.Composable:
        if self.subject != CERTIFICATION:
            return sql.SQL("subject")
        # The latest certification of each kind and mentor: an earlier one has been renewed.
        return sql.SQL(
            "(SELECT subject.*, latest.key, latest.kind, latest.expires_at FROM subject JOIN ("
            "SELECT DISTINCT ON (f.mentor_id, f.kind) f.mentor_id, f.certification_id AS key, f.kind, f.expires_at {}"
            " ORDER BY f.mentor_id, f.kind, f.expires_at DESC, f.id DESC) latest USING (mentor_id))"
        ).format(self.facts.rows("certification"))

    def _occasion(self) -> sql.Composable:
        if isinstance(self.share, Logged):
            return self.share.own("activity_id")
        return sql.SQL("to_char({} AT TIME ZONE s.time_zone, 'YYYY-MM-DD')").format(self.facts.moment())


class Fired(Question):
    """Which rules fire: a row (mentor, version, subject, occasion, reading) for each."""

    def wanted(self) -> sql.Composable:
        tests = [sql.SQL("({} AND {})").format(*pair) for pair in self.tests()]
        fired = [
            sql.SQL("CASE WHEN {} THEN {} END").format(test, constant(version.pk))
            for version, test in zip(self.chosen, tests, strict=True)
        ]
        return sql.SQL(
            "SELECT s.mentor_id, r.version_id, {key}, {occasion}, {reading} FROM measured s"
            " CROSS JOIN unnest(array_remove(ARRAY[{fired}]::bigint[], NULL)) AS r(version_id) WHERE {some}"
        ).format(
            key=self.key,
            occasion=self._by_version(self.occasions),
            reading=self._by_version(self.readings),
            fired=sql.SQL(", ").join(fired),
            # One activity needs no sieve before it is looked at rule by rule.
            some=sql.SQL("TRUE") if isinstance(self.share, Logged) else sql.SQL(" OR ").join(tests),
        )

    def _by_version(self, of_measures: Sequence[sql.Composable]) -> sql.Composable:
        """Return what belongs to the measure of the version that fired, given for each of the distinct measures."""
        versions: dict[str, list[int]] = {}
        for version, place in zip(self.chosen, self.places, strict=True):
            versions.setdefault(of_measures[place].as_string(), []).append(version.pk)
        *others, (last, _rest) = versions.items()
        if not others:
            return sql.SQL(last)
        branches = [
            sql.SQL("WHEN r.version_id = ANY({}::bigint[]) THEN {}").format(constant(ids), sql.SQL(what))
            for what, ids in others
        ]
        return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(branches), sql.SQL(last))


class Everything(Question):
    """Every subject: which of the chosen rules apply, which fire, and what each distinct measure reads, and of what."""

    def wanted(self) -> sql.Composable:
        applying, firing = zip(*self.tests(), strict=True)
        pairs = [sql.SQL("ARRAY[{}, {}]").format(*pair) for pair in zip(self.readings, self.occasions, strict=True)]
        return sql.SQL("SELECT {key}, ARRAY[{applying}], ARRAY[{firing}], {readings} FROM measured s").format(
            key=self.key,
            applying=sql.SQL(", ").join(applying),
            firing=sql.SQL(", ").join(firing),
            readings=sql.SQL(", ").join(pairs),
        )
