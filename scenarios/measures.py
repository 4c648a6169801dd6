"""What a trigger can measure: small expressions over facts, compiled to SQL by the engine.

An expression is a plain frozen value, so that the same measure asked for by twelve rules is computed once.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """A column of the subject row itself, such as `joined_at` or `instant`."""

    name: str


@dataclass(frozen=True)
class Leaf:
    """One aggregate over one fact table, within what is known of the subject at the frame's instants.

    `fact` is the model's name in lower case, `where` an SQL condition over the fact row `f` made of constants only.
    NULL where the subject has no such fact.
    """

    fact: str
    aggregate: str
    column: str
    where: str = ""


@dataclass(frozen=True)
class Greatest:
    """The latest or largest of its parts; parts without data don't count."""

    parts: tuple["Expression", ...]


Expression = Column | Leaf | Greatest


@dataclass(frozen=True)
class Elapsed:
    """The time from `start` to `end`; both instants are kept, so that people can be told calendar days.

    No data, no reading: where one of the two is missing, nothing fires.
    """

    start: Expression
    end: Expression
    details: tuple[tuple[str, Expression], ...] = field(default=())


INSTANT = Column("instant")
JOINED = Column("joined_at")
LAST_ACTIVITY = Leaf("activity", "max", "completed_at")
LAST_PAUSE_END = Leaf("pause", "max", "ends_at", "f.ends_at <= {instant}")


def leaves(*expressions: Expression) -> set[Leaf]:
    """Return every leaf that the expressions are made of."""
    found: set[Leaf] = set()
    for expression in expressions:
        match expression:
            case Leaf():
                found.add(expression)
            case Greatest(parts):
                found |= leaves(*parts)
    return found
