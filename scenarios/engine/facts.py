"""Compile the leaves of all rules into one grouped sub-select per fact table."""

from collections.abc import Iterable
from itertools import groupby

from psycopg import sql

from .. import models
from ..measures import (
    MEMBERSHIPS,
    OPERATORS,
    Column,
    Condition,
    Expression,
    FirstOf,
    Greatest,
    Leaf,
    Own,
    Sum,
    leaves,
)
from ..triggers.base import days
from .frame import Frame
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

# Where an operator of a condition isn't written in SQL as it is.
COMPARISONS = {"in": "{} = ANY({})", "overlaps": "{} && {}", "contains": "{} @> {}"}


class Facts:
    """What the rules measure on the subjects of a share, in a frame: the joins, and every expression over them."""

    def __init__(self, expressions: Iterable[Expression], frame: Frame, share: Share):
        self.frame = frame
        self.share = share
        self.columns: dict[Leaf, sql.Composable] = {}
        if isinstance(share, Logged):
            # The posted chapter is the one that counts, whatever the mentor's memberships are.
            self.columns[MEMBERSHIPS] = sql.SQL("ARRAY[{}]").format(sql.Literal(share.chapter_id))
        wanted = sorted(leaves(*expressions) - self.columns.keys(), key=repr)
        wanted.sort(key=lambda leaf: leaf.fact)
        self.joins = sql.SQL(" ").join(
            self._grouped(fact, list(group)) for fact, group in groupby(wanted, key=lambda leaf: leaf.fact)
        )

    def rows(self, fact: str, *, zoned: bool = False) -> sql.Composable:
        """Return `FROM ... WHERE ...` over the rows `f` of a fact table that exist in the frame for these mentors.

        `zoned` joins the subjects as `z`, for leaves that need the organisation's time zone.
        """
        own: sql.Composable = sql.SQL("")
        if fact == "decision" and isinstance(self.share, Named) and self.share.apart_from:
            own = sql.SQL(" AND f.id <> ALL({}::bigint[])").format(sql.Literal(list(self.share.apart_from)))
        if fact == "activity" and isinstance(self.share, Logged):
            own = sql.SQL(" AND f.activity_id <> {}").format(self.share.literal("activity_id"))
        return sql.SQL("FROM {table} f{zoned} WHERE {mine} AND {exists} AND {counts}{own}").format(
            zoned=sql.SQL(" JOIN subject z USING (mentor_id)" if zoned else ""),
            exists=sql.SQL(EXISTS.get(fact, RECORDED)).format(known_at=sql.Literal(self.frame.known_at)),
            table=sql.Identifier(MODELS[fact]._meta.db_table),
            mine=self.share.restrict(sql.SQL("f.mentor_id")),
            counts=sql.SQL(COUNTS[fact]).format(instant=sql.Literal(self.frame.instant)),
            own=own,
        )

    def value(self, expression: Expression | int | None) -> sql.Composable:  # noqa: PLR0911 (one for each kind)
        """Return the expression over the row `s` of one subject."""
        match expression:
            case Column("instant"):
                return sql.Literal(self.frame.instant)
            case Column(name):
                if isinstance(self.share, Logged) and name in Logged.COLUMNS:
                    return self.share.literal(name)
                return sql.Identifier("s", name)
            case Leaf():
                return self.columns[expression]
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

    def all_of(self, conditions: Iterable[Condition], row: str | None = None) -> sql.Composable:
        """Return whether all conditions hold: on a fact row, or, without one, on the judged activity itself."""
        tests = [self._condition(condition, row) for condition in conditions]
        return sql.SQL("({})").format(sql.SQL(" AND ").join(tests)) if tests else sql.SQL("TRUE")

    def _condition(self, condition: Condition, row: str | None) -> sql.Composable:
        assert condition.operator in OPERATORS
        column = sql.Identifier(row, condition.column) if row else self.value(Column(condition.column))
        comparison = COMPARISONS.get(condition.operator, f"{{}} {condition.operator} {{}}")
        return sql.SQL(comparison).format(column, self._constant(condition.value))

    def _constant(self, value) -> sql.Composable:
        if isinstance(value, Column):
            return self.value(value)
        if isinstance(value, tuple):
            return sql.SQL("{}::text[]").format(sql.Literal(list(value)))
        return sql.Literal(value)

    def _grouped(self, fact: str, wanted: list[Leaf]) -> sql.Composable:
        table = sql.Identifier(f"{fact}_facts")
        aggregates = []
        for number, leaf in enumerate(wanted):
            name = sql.Identifier(f"c{number}")
            self.columns[leaf] = sql.SQL("{}.{}").format(table, name)
            aggregates.append(sql.SQL("{} AS {}").format(self._aggregate(leaf), name))
        zoned = any(leaf.this_year for leaf in wanted)
        return sql.SQL("LEFT JOIN (SELECT mentor_id, {} {} GROUP BY mentor_id) {} USING (mentor_id)").format(
            sql.SQL(", ").join(aggregates), self.rows(fact, zoned=zoned), table
        )

    def _aggregate(self, leaf: Leaf) -> sql.Composable:
        call = sql.SQL("{}(f.{})").format(sql.SQL(leaf.aggregate), sql.Identifier(leaf.column))
        where = leaf.where
        if leaf.window_days is not None:
            where += (Condition("completed_at", ">", self.frame.instant - days(leaf.window_days)),)
        tests = [self.all_of(where, "f")] if where else []
        if leaf.this_year:
            tests.append(sql.SQL(YEAR_BEGAN).format(instant=sql.Literal(self.frame.instant)))
        if not tests:
            return call
        return sql.SQL("{} FILTER (WHERE {})").format(call, sql.SQL(" AND ").join(tests))
