"""What a trigger can measure: small expressions over facts, compiled to SQL by the engine.

An expression is a plain frozen value, so that the same measure asked for by twelve rules is computed once.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column of the subject row itself, such as `joined_at`, `instant`, or a field of the activity being judged."""

    name: str


@dataclass(frozen=True)
class Condition:
    """A comparison of one column with a constant, with the frame's instant, or with the judged activity's own field.

    `operator` is one of OPERATORS; `in`, `overlaps` and `contains` take a tuple. A missing field never matches.
    """

    column: str
    operator: str
    value: Any


OPERATORS = ("<", "<=", "=", ">=", ">", "in", "overlaps", "contains")


@dataclass(frozen=True)
class Leaf:
    """One aggregate over one fact table, within what is known of the subject at the frame's instants.

    `fact` is the model's name in lower case; `window_days` keeps the last so many days of 24 hours up to the instant,
    `this_year` the calendar year of the instant in the organisation's zone. NULL (a count: 0) where there is no such
    fact.
    """

    fact: str
    aggregate: str
    column: str
    where: tuple[Condition, ...] = ()
    window_days: int | None = None
    this_year: bool = False


@dataclass(frozen=True)
class Own:
    """What the judged activity itself adds; without a column: 1."""

    column: str | None


@dataclass(frozen=True)
class Greatest:
    """The latest or largest of its parts; parts without data don't count."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Sum:
    """The sum of its parts; parts without data count as nothing."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class FirstOf:
    """The first of its parts that has data; a part may be a constant number."""

    parts: tuple["Expression | int | None", ...]


Expression = Column | Leaf | Own | Greatest | Sum | FirstOf
Details = tuple[tuple[str, Expression], ...]


@dataclass(frozen=True)
class Elapsed:
    """The time from `start` to `end`; both instants are kept, so that people can be told calendar days.

    No data, no reading: where one of the two is missing, nothing fires. An activity that is judged must meet `where`.
    """

    start: Expression
    end: Expression
    details: Details = ()
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Shortfall:
    """An amount that ought to reach a share of a target: fires while `amount * unit < target * share`, exactly.

    Without a target, nothing fires. Fractions, since a float would miss the very edge that people look at. An activity
    that is judged must meet `where`. With `present_since`, nothing fires on who hasn't been there for `window_days`.
    """

    amount: Expression
    target: Expression
    unit: Fraction = Fraction(1)
    share: Fraction = Fraction(1)
    details: Details = ()
    where: tuple[Condition, ...] = ()
    present_since: "Expression | None" = None
    window_days: int = 0


@dataclass(frozen=True)
class Match:
    """What the judged activity itself says: fires where every condition holds, and every leaf in `none` counts 0."""

    conditions: tuple[Condition, ...]
    none: tuple[Leaf, ...] = ()
    details: Details = ()


@dataclass(frozen=True)
class Milestone:
    """The highest of `steps` that a count has reached this year; fires while neither it nor a higher one was told.

    `told` is the array of the occasions of this rule that stand; an occasion is the year and the step.
    """

    count: Leaf
    told: Leaf
    steps: tuple[int, ...]
    details: Details = ()


Measure = Elapsed | Shortfall | Match | Milestone

INSTANT = Column("instant")
JOINED = Column("joined_at")
# From when on the mentor's activities are known here: silence before that is no silence.
KNOWN_FROM = Column("known_from")
LAST_ACTIVITY = Leaf("activity", "max", "completed_at")
LAST_PAUSE_END = Leaf("pause", "max", "ends_at", where=(Condition("ends_at", "<=", INSTANT),))
MEMBERSHIPS = Leaf("membership", "array_agg", "chapter_id")


def leaves(*expressions: Expression | int | None) -> set[Leaf]:
    """Return every leaf that the expressions are made of."""
    found: set[Leaf] = set()
    for expression in expressions:
        match expression:
            case Leaf():
                found.add(expression)
            case Greatest(parts) | Sum(parts) | FirstOf(parts):
                found |= leaves(*parts)
    return found


def expressions(measure: Measure) -> list[Expression]:
    """Return the expressions that a measure is made of, without its details."""
    match measure:
        case Elapsed(start, end):
            return [start, end]
        case Shortfall(amount, target):
            return [amount, target, *([measure.present_since] if measure.present_since else [])]
        case Match(_conditions, none):
            return list(none)
        case Milestone(count, told):
            return [count, told]
    raise TypeError(measure)
