"""What changes each time a statement is asked: it is compiled once, with blanks, and filled in when it is sent.

A blank is written `%(name)s`; whatever else says `%` in a compiled statement says it twice.
"""

from typing import Any

from django.db.models.expressions import RawSQL
from psycopg import sql


class Blank(RawSQL):
    """A value that is filled in later, in a query of the ORM."""

    def __init__(self, name: str):
        super().__init__(f"%%({name})s", [])


def blank(name: str, kind: str | None = None) -> sql.Composable:
    """Return a value that is filled in later, in a statement of ours."""
    return sql.SQL(f"%({name})s::{kind}" if kind else f"%({name})s")


def constant(value: Any) -> sql.Composable:
    """Return a value that the statement is compiled with."""
    return sql.SQL(sql.Literal(value).as_string().replace("%", "%%"))
