"""Compile the leaves of all rules into one grouped sub-select per fact table."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from psycopg import sql

from .. import models
from ..measures import Column, Expression, Greatest, Leaf, leaves
from .frame import Frame
from .population import Share

MODELS = {
    "activity": models.Activity,
    "certification": models.Certification,
    "membership": models.Membership,
    "pause": models.Pause,
}

# From when a fact counts as of an instant; a certification without a date of issue has always been there.
COUNTS = {
    "activity": "f.completed_at <= {instant}",
    "certification": "(f.issued_at IS NULL OR f.issued_at <= {instant})",
    "membership": "f.starts_at <= {instant} AND (f.ends_at IS NULL OR f.ends_at > {instant})",
    "pause": "f.starts_at <= {instant}",
}


def rows(fact: str, frame: Frame, share: Share) -> sql.Composable:
    """Return `FROM ... WHERE ...` over the rows `f` of one fact table that exist in the frame for these mentors."""
    return sql.SQL(
        "FROM {table} f WHERE {mine} AND f.recorded_at <= {known_at}"
        " AND (f.withdrawn_at IS NULL OR f.withdrawn_at > {known_at}) AND {counts}"
    ).format(
        table=sql.Identifier(MODELS[fact]._meta.db_table),
        mine=share.restrict(sql.SQL("f.mentor_id")),
        known_at=sql.Literal(frame.known_at),
        counts=sql.SQL(COUNTS[fact]).format(instant=sql.Literal(frame.instant)),
    )


@dataclass(frozen=True)
class Facts:
    """The leaves of some expressions, each with the column in which its value stands."""

    columns: dict[Leaf, sql.Composable]
    joins: sql.Composable
    frame: Frame

    @classmethod
    def of(cls, expressions: Iterable[Expression], frame: Frame, share: Share) -> "Facts":
        wanted = sorted(leaves(*expressions), key=lambda leaf: (leaf.fact, leaf.aggregate, leaf.column, leaf.where))
        columns: dict[Leaf, sql.Composable] = {}
        joins: list[sql.Composable] = []
        for fact, group in groupby(wanted, key=lambda leaf: leaf.fact):
            table = sql.Identifier(f"{fact}_facts")
            aggregates = []
            for number, leaf in enumerate(group):
                name = sql.Identifier(f"c{number}")
                columns[leaf] = sql.SQL("{}.{}").format(table, name)
                aggregates.append(sql.SQL("{} AS {}").format(_aggregate(leaf, frame), name))
            joins.append(
                sql.SQL("LEFT JOIN (SELECT f.mentor_id, {} {} GROUP BY f.mentor_id) {} USING (mentor_id)").format(
                    sql.SQL(", ").join(aggregates), rows(fact, frame, share), table
                )
            )
        return cls(columns, sql.SQL(" ").join(joins), frame)

    def sql(self, expression: Expression) -> sql.Composable:
        """Return the expression over the row of one subject."""
        match expression:
            case Column("instant"):
                return sql.Literal(self.frame.instant)
            case Column(name):
                return sql.Identifier("s", name)
            case Leaf():
                return self.columns[expression]
            case Greatest(parts):
                return sql.SQL("GREATEST({})").format(sql.SQL(", ").join(map(self.sql, parts)))
        raise TypeError(expression)


def _aggregate(leaf: Leaf, frame: Frame) -> sql.Composable:
    call = sql.SQL("{}(f.{})").format(sql.SQL(leaf.aggregate), sql.Identifier(leaf.column))
    if not leaf.where:
        return call
    where = sql.SQL(leaf.where).format(instant=sql.Literal(frame.instant))
    return sql.SQL("{} FILTER (WHERE {})").format(call, where)
