"""Compile the leaves of all rules into one grouped sub-select per fact table."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from psycopg import sql

from .. import models
from ..measures import OPERATORS, Column, Condition, Expression, FirstOf, Greatest, Leaf, Own, Sum
from ..triggers.base import days
from .blanks import blank, constant
from .framed import Days, Several
from .population import Logged, Named, Share

MODELS = {
    "activity": models.Activity,
    "certification": models.Certification,
    "decision": models.Decision,
    "membership": models.Membership,
    "pause": models.Pause,
}

RECORDED = "f.recorded_at <= {known_at} AND (f.withdrawn_at IS NULL OR f.withdrawn_at > {known_at})"

# When a row exists at all; what was told is a fact too, for rules that tell a thing once.
EXISTS = {"decision": "f.decided_at <= {known_at} AND f.outcome IN ('pending', 'told')"}

# From when a fact counts as of an instant; a certification without a date of issue has always been there.
COUNTS = {
    "activity": "f.completed_at <= {instant}",
    "certification": "(f.issued_at IS NULL OR f.issued_at <= {instant})",
    "decision": "f.instant <= {instant}",
    "membership": "f.starts_at <= {instant} AND (f.ends_at IS NULL OR f.ends_at > {instant})",
    "pause": "f.starts_at <= {instant}",
}

YEAR_BEGAN = "f.completed_at >= date_trunc('year', {instant} AT TIME ZONE z.time_zone) AT TIME ZONE z.time_zone"

# From when on the activities of a subject are known, in its statement's words or else since it is recorded itself.
KNOWN_FROM = "CASE WHEN s.recorded_at <= stated.stated_at THEN stated.since ELSE s.recorded_at END AS known_from"
STATED = (
    "LEFT JOIN (SELECT DISTINCT ON ({one}) {one}, f.recorded_at AS stated_at,"
    " f.known_since::timestamp AT TIME ZONE o.time_zone AS since FROM scenarios_activitiesknownsince f"
    " JOIN scenarios_organization o ON o.id = f.organization_id{framed} WHERE {recorded}"
    " ORDER BY {one}, f.recorded_at DESC, f.id DESC) stated USING ({key})"
)
# Each moment at which something is known is looked at once, however many subjects share it.
MOMENTS = " JOIN (SELECT DISTINCT organization_id, known_at FROM subject) z ON z.organization_id = f.organization_id"

# Where an operator of a condition isn't written in SQL as it is.
COMPARISONS = {"in": "{} = ANY({})", "overlaps": "{} && {}", "contains": "{} @> {}"}


# What the rule of a row `r` has told, looked up by key for the few who come so far.
TOLD_BY_ITS_RULE = Leaf("decision", "array_agg", "occasion", where=(Condition("rule_id", "=", Column("rule_id")),))


class Facts:
    """What the rules measure on the subjects `s` of a share: every expression over them, and what it stands on.

    A leaf is a column of `s` from the moment at which its value is asked for.
    """

    def __init__(self, share: Share | Days | Several):
        self.share = share
        # Where each subject has a frame of its own, a mentor may be several subjects: they are told apart by a row.
        self.framed = isinstance(share, Days | Several)
        self.of_activities = isinstance(share, Logged) or (isinstance(share, Several) and share.of_activities)
        self.told_matters = not (self.framed and share.told_later)  # type: ignore[union-attr]
        self.key = "row" if self.framed else "mentor_id"
        # The alias of the subject: `z` inside of a grouped sub-select.
        self.subject = "s"
        self.leaves: dict[str, list[Leaf]] = {}
        # Whether somebody asks from when on activities are known.
        self.asks_known_from = False
        # The instants that the rules look at, by how long after the frame's own they are.
        self.moments: dict[timedelta, str] = {}

    def moment(self, later: timedelta = timedelta(0)) -> sql.Composable:
        """Return the frame's instant, or one that lies so long after it: a constant once the blanks are filled in."""
        if self.framed:
            instant = sql.Identifier(self.subject, "instant")
            seconds = sql.Literal(later.total_seconds())
            return sql.SQL("({} + make_interval(secs => {}))").format(instant, seconds) if later else instant
        return blank(self.moments.setdefault(later, f"instant_{len(self.moments)}"), "timestamptz")

    def of_one_of(self, chapter_ids: Iterable[str]) -> sql.Composable:
        """Return whether the subject belongs to one of these chapters."""
        named = Condition("chapter_id", "in", tuple(sorted(chapter_ids)))
        if self.of_activities:
            # The posted chapter is the one that counts, whatever the mentor's memberships are.
            posted = sql.Identifier(self.subject, "chapter_id") if self.framed else blank("chapter_id")
            return sql.SQL("{} = ANY({})").format(posted, self._constant(named.value))
        return sql.SQL("(coalesce({}, 0) > 0)").format(self.value(Leaf("membership", "count", "id", where=(named,))))

    def rows(self, fact: str, *, zoned: bool = False) -> sql.Composable:
        """Return `FROM ... WHERE ...` over the rows `f` of a fact table that exist in the frame for these mentors.

        `zoned` joins the subjects as `z`, for leaves that need the organisation's time zone. They are always joined
        where each has a frame of its own.
        """
        own: sql.Composable = sql.SQL("")
        if fact == "decision" and isinstance(self.share, Named):
            own = sql.SQL(" AND f.id <> ALL({})").format(blank("apart_from", "bigint[]"))
        if fact == "decision" and isinstance(self.share, Several):
            own = sql.SQL(" AND f.id <> {}").format(sql.Identifier(self.subject, "apart_from"))
        if fact == "activity" and self.of_activities:
            own = sql.SQL(" AND f.activity_id <> {}").format(self.own("activity_id"))
        known_at = sql.Identifier(self.subject, "known_at") if self.framed else blank("known_at", "timestamptz")
        zoned = (zoned or self.framed) and self.subject == "z"
        return sql.SQL("FROM {table} f{zoned} WHERE {mine} AND {exists} AND {counts}{own}").format(
            zoned=sql.SQL(" JOIN subject z USING (mentor_id)" if zoned else ""),
            exists=sql.SQL(EXISTS.get(fact, RECORDED)).format(known_at=known_at),
            table=sql.Identifier(MODELS[fact]._meta.db_table),
            mine=self.share.restrict(sql.SQL("f.mentor_id")),
            counts=sql.SQL(COUNTS[fact]).format(instant=self.moment()),
            own=own,
        )

    def value(self, expression: Expression | int | None) -> sql.Composable:  # noqa: PLR0911 (one for each kind)
        """Return the expression over the row `s` of one subject."""
        match expression:
            case Column("instant"):
                return self.moment()
            case Column("known_from"):
                self.asks_known_from = True
                return sql.Identifier("s", "known_from")
            case Column(name):
                if isinstance(self.share, Logged) and name in Logged.COLUMNS:
                    return self.share.own(name)
                return sql.Identifier(self.subject, name)
            case Leaf():
                if expression == TOLD_BY_ITS_RULE:
                    return sql.SQL(
                        "(SELECT array_agg(f.occasion) {} AND f.mentor_id = s.mentor_id AND f.rule_id = r.rule_id)"
                    ).format(self.rows("decision"))
                return sql.Identifier("s", self._column(expression))
            case Own(column):
                return sql.SQL("1") if column is None else self.value(Column(column))
            case Greatest(parts):
                return sql.SQL("GREATEST({})").format(sql.SQL(", ").join(map(self.value, parts)))
            case Sum(parts):
                return sql.SQL("({})").format(
                    sql.SQL(" + ").join(sql.SQL("coalesce({}, 0)").format(self.value(part)) for part in parts)
                )
            case FirstOf(parts):
                return sql.SQL("coalesce({})").format(sql.SQL(", ").join(map(self.value, parts)))
            case int() | None:
                return sql.SQL("{}::bigint").format(sql.Literal(expression))
        raise TypeError(expression)

    def own(self, name: str) -> sql.Composable:
        """Return a field of the judged activity itself."""
        return self.share.own(name) if isinstance(self.share, Logged) else sql.Identifier(self.subject, name)

    def all_of(self, conditions: Iterable[Condition], row: str | None = None) -> sql.Composable:
        """Return whether all conditions hold: on a fact row, or, without one, on the judged activity itself."""
        tests = [self._condition(condition, row) for condition in conditions]
        return sql.SQL("({})").format(sql.SQL(" AND ").join(tests)) if tests else sql.SQL("TRUE")

    def measured(self, source: sql.Composable) -> sql.Composable:
        """Return a SELECT of the subjects of `source` with every leaf that was asked for so far as a column."""
        columns: list[sql.Composable] = [sql.SQL("s.*")]
        joins: list[sql.Composable] = []
        for fact, wanted in self.leaves.items():
            table = sql.Identifier(f"{fact}_facts")
            columns += [sql.SQL("{}.{}").format(table, sql.Identifier(self._column(leaf))) for leaf in wanted]
            with self.inside():
                grouped = self._grouped(fact, wanted)
            joins.append(sql.SQL("LEFT JOIN ({}) {} USING ({})").format(grouped, table, sql.Identifier(self.key)))
        if self.asks_known_from:
            columns.append(sql.SQL(KNOWN_FROM))
            joins.append(self._stated())
        return sql.SQL("SELECT {} FROM {} s {}").format(sql.SQL(", ").join(columns), source, sql.SQL(" ").join(joins))

    def _stated(self) -> sql.Composable:
        """Return the join with the statement that is in force for each subject."""
        known_at = sql.SQL("z.known_at") if self.framed else blank("known_at", "timestamptz")
        return sql.SQL(STATED).format(
            one=sql.SQL("f.organization_id, z.known_at" if self.framed else "f.organization_id"),
            framed=sql.SQL(MOMENTS if self.framed else ""),
            recorded=sql.SQL(RECORDED).format(known_at=known_at),
            key=sql.SQL("organization_id, known_at" if self.framed else "organization_id"),
        )

    def _column(self, leaf: Leaf) -> str:
        wanted = self.leaves.setdefault(leaf.fact, [])
        if leaf not in wanted:
            wanted.append(leaf)
        return f"{leaf.fact}_{wanted.index(leaf)}"

    def _condition(self, condition: Condition, row: str | None) -> sql.Composable:
        assert condition.operator in OPERATORS
        column = sql.Identifier(row, condition.column) if row else self.value(Column(condition.column))
        comparison = COMPARISONS.get(condition.operator, f"{{}} {condition.operator} {{}}")
        return sql.SQL(comparison).format(column, self._constant(condition.value))

    def _constant(self, value) -> sql.Composable:
        if isinstance(value, Column):
            return self.value(value)
        if isinstance(value, tuple):
            return sql.SQL("{}::text[]").format(constant(list(value)))
        return constant(value)

    def _grouped(self, fact: str, wanted: list[Leaf]) -> sql.Composable:
        tests = [self._only(leaf) for leaf in wanted]
        aggregates = []
        for leaf, test in zip(wanted, tests, strict=True):
            call = sql.SQL("{}(f.{})").format(sql.SQL(leaf.aggregate), sql.Identifier(leaf.column))
            only = sql.SQL(" FILTER (WHERE {})").format(test) if test else sql.SQL("")
            aggregates.append(sql.SQL("{}{} AS {}").format(call, only, sql.Identifier(self._column(leaf))))
        # Rows that no leaf looks at needn't be grouped; who has no row left counts as one who has no such fact.
        some = [test for test in tests if test]
        worth = sql.SQL(" AND ({})").format(sql.SQL(" OR ").join(some)) if len(some) == len(tests) else sql.SQL("")
        zoned = any(leaf.this_year for leaf in wanted)
        return sql.SQL("SELECT {key}, {} {}{} GROUP BY {key}").format(
            sql.SQL(", ").join(aggregates), self.rows(fact, zoned=zoned), worth, key=self.grouped_by()
        )

    def grouped_by(self) -> sql.Composable:
        return sql.SQL("z.row") if self.framed else sql.SQL("mentor_id")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Say what follows inside of a sub-select over facts, where the subject has another alias."""
        self.subject = "z"
        yield
        self.subject = "s"

    def _only(self, leaf: Leaf) -> sql.Composable | None:
        """Return which rows of its table a leaf looks at; None for all."""
        tests = [self.all_of(leaf.where, "f")] if leaf.where else []
        if leaf.window_days is not None:
            tests.append(sql.SQL("f.completed_at > {}").format(self.moment(-days(leaf.window_days))))
        if leaf.this_year:
            tests.append(sql.SQL(YEAR_BEGAN).format(instant=self.moment()))
        return sql.SQL(" AND ").join(tests) if tests else None
