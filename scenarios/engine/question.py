"""The rules that are weighed on one kind of subject, compiled to one statement with blanks for all that changes.

Rule versions never change, so what was compiled for some of them is kept, and judging one activity composes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import sql

from ..measures import Measure
from ..models import RuleVersion
from ..models.rules import Judged
from ..triggers.base import CERTIFICATION, MENTOR
from .blanks import constant
from .compare import fires, occasion, reading
from .facts import Facts
from .frame import Frame
from .framed import ROW_FRAME, Days, Framed, Several
from .population import SUBJECT, Logged, Share, as_sql, as_subselect, subject_columns
from .rows import Rows, parted
from .scope import applies, by_scenario, of_the_scenarios_of

# A process asks few different questions: those of a run, and those of the chapters that post activities.
MOST_KEPT = 64
_kept: dict[tuple, list["Statement"]] = {}


class Kept(list[RuleVersion]):
    """The rules in force as they were read once; no two sets of versions have the same state."""

    def __init__(self, versions: Iterable[RuleVersion], state: str):
        super().__init__(versions)
        self.state = state


@dataclass(frozen=True)
class Statement:
    """A question as text with blanks; `moments` are the instants that it looks at, by how long after the frame's own.

    `keys` are those of the versions that are weighed, `places` where each finds its reading among the distinct ones.
    """

    text: str
    moments: Mapping[str, timedelta]
    keys: Sequence[int]
    places: Sequence[int]

    def values(self, share: Share | Framed, frame: Frame | None) -> dict[str, Any]:
        """Return what the blanks are filled in with."""
        if frame is None:
            return share.values()
        moments = {name: frame.instant + later for name, later in self.moments.items()}
        return {**frame.values(), **share.values(), **moments}


def statements(
    kind: type["Question"],
    versions: Sequence[RuleVersion],
    share: Share | Framed,
    only: Sequence[RuleVersion] | None = None,
) -> list[Statement]:
    """Return what is to be asked of such a share: a statement for each kind of subject.

    `versions` are all the rules in force; weighed are those that are judged on such a share, or `only` these.
    """
    if only is not None:
        versions = of_the_scenarios_of(only, versions)
    # By what they say and not by their keys: a draft has none of its own.
    said: object = versions.state if isinstance(versions, Kept) else tuple(map(_says, versions))
    asked = (kind, share.blank(), said, None if only is None else tuple(map(_says, only)))
    found = _kept.get(asked)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[asked] = list(_compiled(kind, versions, share, only))
    return found


def _compiled(
    kind: type["Question"], versions: Sequence[RuleVersion], share: Share | Framed, only: Sequence[RuleVersion] | None
) -> Iterator[Statement]:
    judged = Judged.ACTIVITY if Facts(share.blank()).of_activities else Judged.DAILY
    weighed = only if only is not None else [version for version in versions if version.judged == judged]
    for subject in (MENTOR, CERTIFICATION):
        if chosen := [version for version in weighed if version.trigger.subject == subject]:
            yield kind(subject, chosen, versions, share.blank()).statement()


def forget() -> None:
    """Compile everything anew; for tests that change how that is done."""
    _kept.clear()
    as_sql.cache_clear()


def _says(version: RuleVersion) -> tuple:
    """Return everything of a version that its statement is made of."""
    return (
        *(version.pk, version.rule_id, version.scenario_id, version.organization_id, version.chapter_id),
        *(version.trigger_type, version.threshold_days, version.judged, repr(version.parameters), version.state),
    )


class Question:
    """One statement over one kind of subject: it weighs the chosen rules among all versions in force."""

    def __init__(
        self, subject: str, chosen: Sequence[RuleVersion], versions: Sequence[RuleVersion], share: Share | Framed
    ):
        self.subject, self.chosen, self.share = subject, chosen, share
        self.scenarios = by_scenario(versions)
        self.facts = Facts(share)
        self.measures = [version.trigger.measure(version) for version in chosen]
        # Rules that measure the same thing share one reading.
        self.distinct = list(dict.fromkeys(self.measures))
        self.key = sql.SQL("s.key" if subject == CERTIFICATION else "''")

    def wanted(self) -> tuple[list[sql.Composable], sql.Composable]:
        """Return what is selected of the subjects `s` that were measured, and the further CTEs that this takes."""
        raise NotImplementedError

    def tests(self, versions: Iterable[RuleVersion]) -> list[tuple[sql.Composable, sql.Composable]]:
        """Return for each rule whether it applies to a subject, and whether it fires on it."""
        return [
            (
                applies(version, self.scenarios, self.facts),
                fires(version.trigger.measure(version), version.trigger.fires_when, version.threshold_days, self.facts),
            )
            for version in versions
        ]

    def readings(self, measures: Iterable[Measure]) -> list[sql.Composable]:
        return [reading(measure, self.facts) for measure in measures]

    def occasions(self, measures: Iterable[Measure]) -> list[sql.Composable]:
        return [occasion(measure, self.facts) or self._occasion() for measure in measures]

    def statement(self) -> Statement:
        more, wanted = self.wanted()
        subjects = self._subjects()
        # Measured is what was named until here.
        measured = sql.SQL("measured AS ({})").format(self.facts.measured(self._source()))
        whole = sql.SQL("WITH {} {}").format(sql.SQL(", ").join([subjects, measured, *more]), wanted)
        moments = {name: later for later, name in self.facts.moments.items()}
        places = {measure: n for n, measure in enumerate(self.distinct)}
        keys = [version.pk for version in self.chosen]
        return Statement(whole.as_string(), moments, keys, [places[measure] for measure in self.measures])

    def _subjects(self) -> sql.Composable:
        names = sql.SQL(", ").join(map(sql.Identifier, SUBJECT))
        if not isinstance(self.share, Days | Several):
            return sql.SQL("subject({}) AS ({})").format(names, as_sql(self.share, tuple(SUBJECT)))
        columns = sql.SQL(", ").join(sql.Identifier("x", name) for name in self.share.columns)
        mentors = as_subselect(self.share.mentors(ROW_FRAME).order_by().values_list(*subject_columns(tuple(SUBJECT))))
        return sql.SQL(
            "subject AS MATERIALIZED (SELECT m.*, {}, row_number() OVER () AS row FROM {}"
            " CROSS JOIN LATERAL ({}) AS m({}))"
        ).format(columns, self.share.source(), mentors, names)

    def _source(self) -> sql.Composable:
        if self.subject != CERTIFICATION:
            return sql.SQL("subject")
        # The latest certification of each kind and mentor: an earlier one has been renewed.
        with self.facts.inside():
            rows = self.facts.rows("certification")
        return sql.SQL(
            "(SELECT subject.*, latest.key, latest.kind, latest.expires_at FROM subject JOIN ("
            "SELECT DISTINCT ON ({one}, f.kind) {one}, f.certification_id AS key, f.kind, f.expires_at {rows}"
            " ORDER BY {one}, f.kind, f.expires_at DESC, f.id DESC) latest USING ({key}))"
        ).format(
            one=sql.SQL("z.row" if self.facts.framed else "f.mentor_id"), key=sql.Identifier(self.facts.key), rows=rows
        )

    def _occasion(self) -> sql.Composable:
        if self.facts.of_activities:
            return self.facts.own("activity_id")
        return sql.SQL("to_char({} AT TIME ZONE s.time_zone, 'YYYY-MM-DD')").format(self.facts.moment())


class Fired(Question):
    """Which rules fire: a row (mentor, version, subject, occasion, reading) for each."""

    def wanted(self) -> tuple[list[sql.Composable], sql.Composable]:
        alone, together = parted(self.chosen, self.share)
        rows = Rows(together, self.scenarios, self.facts)
        selects = [*([self._one_by_one(alone)] if alone else []), *([self._as_rows(rows)] if together else [])]
        return [rows.places()] if together else [], sql.SQL(" UNION ALL ").join(selects)

    def _one_by_one(self, versions: Sequence[RuleVersion]) -> sql.Composable:
        tests = [sql.SQL("({} AND {})").format(*pair) for pair in self.tests(versions)]
        fired = [
            sql.SQL("CASE WHEN {} THEN {} END").format(test, constant(version.pk))
            for version, test in zip(versions, tests, strict=True)
        ]
        return self._select(
            sql.SQL(
                "FROM measured s CROSS JOIN unnest(array_remove(ARRAY[{}]::bigint[], NULL)) AS r(version_id) WHERE {}"
            ).format(
                sql.SQL(", ").join(fired),
                # One activity needs no sieve before it is looked at rule by rule.
                sql.SQL("TRUE") if isinstance(self.share, Logged) else sql.SQL(" OR ").join(tests),
            ),
            occasion=_by_version(versions, self.occasions(self._measures(versions))),
            reading=_by_version(versions, self.readings(self._measures(versions))),
        )

    def _as_rows(self, rows: Rows) -> sql.Composable:
        measures = [measure for measure, _when in rows.distinct]
        return self._select(
            rows.joined(),
            occasion=rows.by_number(self.occasions(measures)),
            reading=rows.by_number(self.readings(measures)),
        )

    def _select(self, source: sql.Composable, **columns: sql.Composable) -> sql.Composable:
        number = sql.SQL(", s.number" if self.facts.framed else "")
        return sql.SQL("SELECT s.mentor_id, r.version_id, {key}, {occasion}, {reading}{number} {source}").format(
            key=self.key, number=number, source=source, **columns
        )

    def _measures(self, versions: Iterable[RuleVersion]) -> list[Measure]:
        return [version.trigger.measure(version) for version in versions]


def _by_version(versions: Iterable[RuleVersion], values: Iterable[sql.Composable]) -> sql.Composable:
    """Return the value that belongs to the version that fired; many have the same."""
    keys: dict[str, list[int]] = {}
    for version, value in zip(versions, values, strict=True):
        keys.setdefault(value.as_string(), []).append(version.pk)
    *others, (last, _rest) = keys.items()
    if not others:
        return sql.SQL(last)
    branches = [
        sql.SQL("WHEN r.version_id = ANY({}::bigint[]) THEN {}").format(constant(ids), sql.SQL(value))
        for value, ids in others
    ]
    return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(branches), sql.SQL(last))


class Everything(Question):
    """Every subject: which of the chosen rules apply, which fire, and what each distinct measure reads, and of what."""

    def wanted(self) -> tuple[list[sql.Composable], sql.Composable]:
        applying, firing = zip(*self.tests(self.chosen), strict=True)
        read = zip(self.readings(self.distinct), self.occasions(self.distinct), strict=True)
        pairs = [sql.SQL("ARRAY[{}, {}]").format(*pair) for pair in read]
        return [], sql.SQL("SELECT {key}, ARRAY[{applying}], ARRAY[{firing}], {readings} FROM measured s").format(
            key=self.key,
            applying=sql.SQL(", ").join(applying),
            firing=sql.SQL(", ").join(firing),
            readings=sql.SQL(", ").join(pairs),
        )
