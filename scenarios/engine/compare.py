"""Compile the comparison of a measure with what its rule says, and the reading that is kept with the decision."""

from fractions import Fraction

from psycopg import sql

from ..measures import INSTANT, Condition, Details, Elapsed, Expression, Match, Measure, Milestone, Shortfall
from ..triggers.base import WITHIN, days
from .facts import Facts

# A rule's number of days, or the column in which it stands where many rules are compared by one expression.
Threshold = int | sql.Composable

UTC_TEXT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

# Whatever the rule's list of steps says now: the steps that were told stand in the occasions.
TOLD = (
    "EXISTS (SELECT FROM unnest({told}::text[]) AS t(occasion) WHERE CASE WHEN t.occasion ~ ({year} || ':[0-9]+$')"
    " THEN split_part(t.occasion, ':', 2)::bigint >= {step} END)"
)


def fires(measure: Measure, when: str, threshold: Threshold | None, facts: Facts) -> sql.Composable:
    """Return whether a rule fires on the subject. No data never fires.

    `when` is the trigger type's `fires_when`; only elapsed time is compared with the threshold.
    """
    match measure:
        case Elapsed(start, end):
            assert threshold is not None, "a rule that compares time has a threshold"
            return _where(measure.where, _elapsed(start, end, when, threshold, facts), facts)
        case Shortfall(amount, target, unit, share):
            # Both sides times both denominators: whole numbers compare exactly.
            below = sql.SQL("({} * {} < {} * {})").format(
                facts.value(amount),
                sql.Literal(unit.numerator * share.denominator),
                facts.value(target),
                sql.Literal(share.numerator * unit.denominator),
            )
            if measure.present_since is not None:
                earliest = facts.moment(-days(measure.window_days))
                below = sql.SQL("({} AND {} <= {})").format(below, facts.value(measure.present_since), earliest)
            return _where(measure.where, below, facts)
        case Match(conditions, none):
            tests = [facts.all_of(conditions)]
            tests += [sql.SQL("coalesce({}, 0) = 0").format(facts.value(leaf)) for leaf in none]
            return sql.SQL("({})").format(sql.SQL(" AND ").join(tests))
        case Milestone():
            return sql.SQL("({} IS NOT NULL)").format(_by_step(measure, facts, told_matters=facts.told_matters))
    raise TypeError(measure)


def occasion(measure: Measure, facts: Facts) -> sql.Composable | None:
    """Return what the rule fires about where the measure itself says so, and not the day or the activity."""
    if not isinstance(measure, Milestone):
        return None
    year = _year(facts)
    return sql.SQL("({} || ':' || {})").format(year, _by_step(measure, facts))


def reading(measure: Measure, facts: Facts) -> sql.Composable:
    """Return what was read as the text of a JSON object, with instants in UTC."""
    match measure:
        case Elapsed(start, end, details):
            pairs = [("from", _instant(start, facts)), ("to", _instant(end, facts))]
        case Shortfall(amount, target, unit, share, details):
            pairs = [("value", _scaled(amount, unit, facts)), ("limit", _scaled(target, share, facts))]
        case Match(_conditions, _none, details):
            pairs = []
        case Milestone(count, _told, _steps, details):
            pairs = [("count", sql.SQL("coalesce({}, 0)").format(facts.value(count)))]
            pairs += [("milestone", _by_step(measure, facts)), ("year", _year(facts))]
        case _:
            raise TypeError(measure)
    pairs += _details(details, facts)
    arguments = [sql.SQL("{}, {}").format(sql.Literal(name), value) for name, value in pairs]
    return sql.SQL("json_build_object({})::text").format(sql.SQL(", ").join(arguments))


def _by_step(measure: Milestone, facts: Facts, *, told_matters: bool = False) -> sql.Composable:
    """Return the highest step that is reached; NULL for none, or where it or a higher one was told."""
    branches = []
    for step in sorted(measure.steps, reverse=True):
        reached: sql.Composable = sql.Literal(step)
        if told_matters:
            reached = sql.SQL("CASE WHEN {} THEN NULL ELSE {} END").format(
                sql.SQL(TOLD).format(told=facts.value(measure.told), year=_year(facts), step=reached), reached
            )
        branches.append(sql.SQL("WHEN {} >= {} THEN {}").format(facts.value(measure.count), sql.Literal(step), reached))
    return sql.SQL("CASE {} END").format(sql.SQL(" ").join(branches))


def _year(facts: Facts) -> sql.Composable:
    return sql.SQL("to_char({} AT TIME ZONE s.time_zone, 'YYYY')").format(facts.moment())


def _details(details: Details, facts: Facts) -> list[tuple[str, sql.Composable]]:
    return [(name, facts.value(expression)) for name, expression in details]


def _where(conditions: tuple[Condition, ...], test: sql.Composable, facts: Facts) -> sql.Composable:
    return sql.SQL("({} AND {})").format(facts.all_of(conditions), test) if conditions else test


def _scaled(expression: Expression, factor: Fraction, facts: Facts) -> sql.Composable:
    return sql.SQL("({} * {} / {}::float8)").format(
        facts.value(expression), sql.Literal(factor.numerator), sql.Literal(factor.denominator)
    )


def _instant(expression: Expression, facts: Facts) -> sql.Composable:
    return sql.SQL(UTC_TEXT).format(facts.value(expression))


def _elapsed(start: Expression, end: Expression, when: str, threshold: Threshold, facts: Facts) -> sql.Composable:
    """Compare elapsed time with the threshold, both ends included."""
    if when == WITHIN:
        return sql.SQL("({end} >= {start} AND {end} <= {latest})").format(
            start=facts.value(start), end=facts.value(end), latest=_shifted(start, threshold, 1, facts)
        )
    return sql.SQL("({} <= {})").format(facts.value(start), _shifted(end, threshold, -1, facts))


def _shifted(expression: Expression, threshold: Threshold, sign: int, facts: Facts) -> sql.Composable:
    if expression == INSTANT and isinstance(threshold, int):
        return facts.moment(days(sign * threshold))
    # Hours, since a day of SQL follows the clocks of the session's zone.
    hours = sql.SQL("{} * {}").format(sql.Literal(24 * sign), threshold)
    return sql.SQL("({} + make_interval(hours => {}))").format(facts.value(expression), hours)
