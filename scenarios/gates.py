# ruff: noqa: S608  (the statements are put together from the constants of this file; values go in as parameters)
"""Who is left alone although a rule fired, and why: the gates, in the order in which they are asked.

Asked for hits only, in one statement, each by an index that starts with the mentor.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from .models.decisions import Reason
from .models.rules import RuleState

WEEK = timedelta(hours=7 * 24)

_local_day = "(({}) AT TIME ZONE o.time_zone)::date"
_today = _local_day.format("%(decided_at)s")
_known = "x.recorded_at <= %(gates_known_at)s AND (x.withdrawn_at IS NULL OR x.withdrawn_at > %(gates_known_at)s)"
# When a mentor heard, or will hear, of a decision that stands.
_told_at = "coalesce(d.settled_at, greatest(d.scheduled_for, d.decided_at))"
_standing = "d.mentor_id = f.mentor_id AND d.outcome IN ('pending', 'told')"

# Scalar sub-selects and no EXISTS: the planner would rather read a whole table once, which grows while the run fills
# it, than probe it by key for the few mentors on whom something fired.
PERSONAL = (
    (Reason.MENTOR_LEFT, "m.left_at <= %(decided_at)s AND m.left_recorded_at <= %(gates_known_at)s"),
    (
        Reason.MENTOR_PAUSED,
        (
            "(SELECT TRUE FROM scenarios_pause x WHERE x.mentor_id = f.mentor_id AND x.starts_at <= %(decided_at)s"
            f" AND (x.ends_at IS NULL OR x.ends_at > %(decided_at)s) AND {_known} LIMIT 1)"
        ),
    ),
    (
        Reason.USER_OPTED_OUT,
        (
            "(SELECT TRUE FROM scenarios_optout x WHERE x.mentor_id = f.mentor_id"
            f" AND x.trigger_type IN ('', v.trigger_type) AND {_known} LIMIT 1)"
        ),
    ),
    (
        Reason.HUMAN_CONTACT,
        (
            f"{_today} - (SELECT max({_local_day.format('x.contacted_at')}) FROM scenarios_humancontact x"
            f" WHERE x.mentor_id = f.mentor_id AND x.contacted_at <= %(decided_at)s AND {_known})"
            " < o.human_contact_days"
        ),
    ),
)

HISTORY = (
    (
        Reason.ALREADY_TOLD,
        (
            f"(SELECT TRUE FROM scenarios_decision d WHERE {_standing}"
            " AND d.rule_id = v.rule_id AND d.subject = f.subject AND d.occasion = f.occasion LIMIT 1)"
        ),
    ),
    # A stamp in the future (a clock went wrong) gives a negative number of days, and so blocks.
    (
        Reason.COOLDOWN_ACTIVE,
        (
            f"{_today} - (SELECT max({_local_day.format(_told_at)}) FROM scenarios_decision d"
            f" JOIN scenarios_ruleversion dv ON dv.id = d.rule_version_id WHERE {_standing}"
            " AND d.subject = f.subject AND dv.scenario_id = v.scenario_id) < v.cooldown_days"
        ),
    ),
)

_cap = f"(SELECT count(*) FROM scenarios_decision d WHERE {_standing} AND {_told_at} > %(week_ago)s) >= a.weekly_cap"

# Two daily messages to one mentor are planned so many hours apart, by the wall clocks of the organisation: a run at the
# same time every day passes where the clocks change, and where it is some minutes early.
_planned = "(%(instant)s::timestamptz + make_interval(hours => a.delay_hours)) AT TIME ZONE a.time_zone"
_apart = "make_interval(hours => a.min_hours_between_messages) - interval '10 minutes'"
_too_soon = (
    f"a.judged = 'daily' AND (SELECT TRUE FROM scenarios_decision d WHERE {_standing} AND d.run_id IS NOT NULL"
    f" AND d.scheduled_for AT TIME ZONE a.time_zone > {_planned} - ({_apart})"
    f" AND d.scheduled_for AT TIME ZONE a.time_zone < {_planned} + ({_apart}) LIMIT 1)"
)

# The runs of one day are one telling: what was outranked in the morning doesn't slip through in a second run.
_told_today = (
    f"v.judged = 'daily' AND (SELECT TRUE FROM scenarios_decision d WHERE {_standing} AND d.run_id IS NOT NULL"
    f" AND {_local_day.format('d.decided_at')} = {_today} LIMIT 1)"
)

# The hits as they are handed in: five arrays side by side.
_arrays = (
    "unnest(%(mentor_ids)s::bigint[], %(version_ids)s::bigint[], %(subjects)s::text[], %(occasions)s::text[],"
    " %(readings)s::text[]) WITH ORDINALITY AS f(mentor_id, version_id, subject, occasion, readings, n)"
)
_joined = (
    " JOIN scenarios_ruleversion v ON v.id = f.version_id"
    " JOIN scenarios_peermentor m ON m.id = f.mentor_id"
    " JOIN scenarios_organization o ON o.id = m.organization_id"
)
FIRED = _arrays + _joined
# What-if asks about hits of many moments, the rows of a table, each with its own instants.
BY_ROW = {
    "%(decided_at)s": "gate_at",
    "%(gates_known_at)s": "gate_known_at",
    "%(instant)s": "a.instant",
    "%(week_ago)s": "(gate_at - interval '168 hours')",
}
_asked = (
    "SELECT f.*, m.organization_id, o.weekly_cap, o.min_hours_between_messages, o.time_zone, v.rule_id, v.priority,"
    f" v.delay_hours, v.judged,"
    f" v.state = '{RuleState.WATCHING}' AS watching,"
    f" CASE {{cases}} END AS held_because FROM {FIRED}"
)

OUTRANKED = (Reason.OUTRANKED, _told_today)

# A rule that only watches outranks nobody.
_ranked = (
    "SELECT *, count(*) FILTER (WHERE held_because IS NULL AND NOT watching) OVER (PARTITION BY mentor_id"
    " ORDER BY priority, rule_id, subject, n ROWS UNBOUNDED PRECEDING) AS place FROM asked"
)


def weighed() -> str:
    """Return `asked AS (...), weighed AS (...)`: every hit with what goes into its decision, and its reason.

    One message for each mentor and statement, and for each mentor and day of runs: of several that pass, the smallest
    priority number wins, ties by rule id. The reason is empty where the hit may be told; one that nothing but its
    rule's watching holds back says so.
    """
    return (
        f"asked AS MATERIALIZED ({_asked.format(cases=_cases(*PERSONAL, *HISTORY, OUTRANKED))}),"
        " weighed AS MATERIALIZED (SELECT a.*, CASE WHEN a.held_because IS NOT NULL THEN a.held_because"
        f" WHEN a.place > CASE WHEN a.watching THEN 0 ELSE 1 END THEN '{Reason.OUTRANKED}'"
        f" WHEN {_cap.replace('f.mentor_id', 'a.mentor_id')} OR {_too_soon.replace('f.mentor_id', 'a.mentor_id')}"
        f" THEN '{Reason.FREQUENCY_CAPPED}'"
        f" WHEN a.watching THEN '{Reason.WATCHING}' ELSE '' END AS reason FROM ({_ranked}) a)"
    )


def asked_at(decided_at: datetime, known_at: datetime | None = None) -> dict[str, Any]:
    """Return the instants of the gates: they ask what is so at one, as it was known then or, with hindsight, later."""
    return {
        "decided_at": decided_at,
        "gates_known_at": known_at or decided_at,
        "week_ago": decided_at - WEEK,
    }


def weigh(
    hits, decided_at: datetime, known_at: datetime | None = None, *, instant: datetime | None = None
) -> list[str]:
    """Return the reason code for each hit, in the order of the hits; empty where it may be told.

    `instant` is that of the frame, from which messages are planned; left out, it is when the gates are asked.
    """
    instants = {**asked_at(decided_at, known_at), "instant": instant or decided_at}
    return _reasons(f"WITH {weighed()} SELECT reason FROM weighed ORDER BY n", hits, instants)


def look_again(hits, now: datetime) -> list[str]:
    """Return what has come up since the decision, for each hit; the cooldown is never asked again."""
    return _reasons(f"SELECT reason FROM ({look_again_statement()}) b ORDER BY n", hits, asked_at(now))


def _cases(*gates: tuple[str, str]) -> str:
    return " ".join(f"WHEN {test} THEN '{reason}'" for reason, test in gates)


def _reasons(statement: str, hits, instants: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**hits.values(), **instants})
        return [reason for (reason,) in cursor]


def over_rows(statement: str, table: str) -> str:
    """Let a statement of this file ask about the rows of a table, each at its own `gate_at` and `gate_known_at`."""
    statement = statement.replace(_arrays, f"{table} AS f")
    for blank, column in BY_ROW.items():
        statement = statement.replace(blank, column)
    return statement


def look_again_statement() -> str:
    """Return `n` and what has come up since, for hits that were told once, in the order of the hits."""
    return f"SELECT n, coalesce(held_because, '') AS reason FROM ({_asked.format(cases=_cases(*PERSONAL))}) a"
