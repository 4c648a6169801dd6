"""Compile the comparison of a measure with what its rule says, and the reading that is kept with the decision."""

from fractions import Fraction

from psycopg import sql

from ..measures import INSTANT, Details, Elapsed, Expression, Match, Measure, Shortfall
from ..models import RuleVersion
from ..triggers.base import WITHIN, days
from .facts import Facts

UTC_TEXT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def fires(version: RuleVersion, measure: Measure, facts: Facts) -> sql.Composable:
    """Return whether the rule fires on the subject. No data never fires."""
    match measure:
        case Elapsed(start, end):
            return _elapsed(start, end, version, facts)
        case Shortfall(amount, target, unit, share):
            # Both sides times both denominators: whole numbers compare exactly.
            return sql.SQL("({} * {} < {} * {})").format(
                facts.value(amount),
                sql.Literal(unit.numerator * share.denominator),
                facts.value(target),
                sql.Literal(share.numerator * unit.denominator),
            )
        case Match(conditions, none):
            tests = [facts.all_of(conditions)]
            tests += [sql.SQL("coalesce({}, 0) = 0").format(facts.value(leaf)) for leaf in none]
            return sql.SQL("({})").format(sql.SQL(" AND ").join(tests))
    raise TypeError(measure)


def reading(measure: Measure, facts: Facts) -> sql.Composable:
    """Return what was read as the text of a JSON object, with instants in UTC."""
    match measure:
        case Elapsed(start, end, details):
            pairs = [("from", _instant(start, facts)), ("to", _instant(end, facts))]
        case Shortfall(amount, target, unit, share, details):
            pairs = [("value", _scaled(amount, unit, facts)), ("limit", _scaled(target, share, facts))]
        case Match(_conditions, _none, details):
            pairs = []
        case _:
            raise TypeError(measure)
    pairs += _details(details, facts)
    arguments = [sql.SQL("{}, {}").format(sql.Literal(name), value) for name, value in pairs]
    return sql.SQL("json_build_object({})::text").format(sql.SQL(", ").join(arguments))


def _details(details: Details, facts: Facts) -> list[tuple[str, sql.Composable]]:
    return [(name, facts.value(expression)) for name, expression in details]


def _scaled(expression: Expression, factor: Fraction, facts: Facts) -> sql.Composable:
    return sql.SQL("({} * {} / {}::float8)").format(
        facts.value(expression), sql.Literal(factor.numerator), sql.Literal(factor.denominator)
    )


def _instant(expression: Expression, facts: Facts) -> sql.Composable:
    return sql.SQL(UTC_TEXT).format(facts.value(expression))


def _elapsed(start: Expression, end: Expression, version: RuleVersion, facts: Facts) -> sql.Composable:
    """Compare elapsed time with the threshold, both ends included."""
    threshold = version.threshold_days
    assert threshold is not None, "a rule that compares time has a threshold"
    if version.trigger.fires_when == WITHIN:
        return sql.SQL("({end} >= {start} AND {end} <= {latest})").format(
            start=facts.value(start), end=facts.value(end), latest=_shifted(start, threshold, facts)
        )
    return sql.SQL("({} <= {})").format(facts.value(start), _shifted(end, -threshold, facts))


def _shifted(expression: Expression, by_days: int, facts: Facts) -> sql.Composable:
    if expression == INSTANT:
        return sql.Literal(facts.frame.instant + days(by_days))
    # Hours, since a day of SQL follows the clocks of the session's zone.
    return sql.SQL("({} + make_interval(hours => {}))").format(facts.value(expression), sql.Literal(24 * by_days))
