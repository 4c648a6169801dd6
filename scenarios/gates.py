# ruff: noqa: S608  (the statements are put together from the constants of this file; values go in as literals)
"""Who is left alone although a rule fired, and why: the gates, in the order in which they are asked.

Asked for hits only, in one statement, each by an index that starts with the mentor.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from psycopg import sql

from .models.decisions import Reason

WEEK = timedelta(hours=7 * 24)

_local_day = "(({}) AT TIME ZONE o.time_zone)::date"
_today = _local_day.format("{decided_at}")
_known = "x.recorded_at <= {known_at} AND (x.withdrawn_at IS NULL OR x.withdrawn_at > {known_at})"
# When a mentor heard, or will hear, of a decision that stands.
_told_at = "coalesce(d.settled_at, greatest(d.scheduled_for, d.decided_at))"
_standing = "d.mentor_id = f.mentor_id AND d.outcome IN ('pending', 'told')"

# Scalar sub-selects and no EXISTS: the planner would rather read a whole table once, which grows while the run fills
# it, than probe it by key for the few mentors on whom something fired.
PERSONAL = (
    (Reason.MENTOR_LEFT, "m.left_at <= {decided_at} AND m.left_recorded_at <= {known_at}"),
    (
        Reason.MENTOR_PAUSED,
        (
            "(SELECT TRUE FROM scenarios_pause x WHERE x.mentor_id = f.mentor_id AND x.starts_at <= {decided_at}"
            f" AND (x.ends_at IS NULL OR x.ends_at > {{decided_at}}) AND {_known} LIMIT 1)"
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
            f" WHERE x.mentor_id = f.mentor_id AND x.contacted_at <= {{decided_at}} AND {_known})"
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

_cap = f"(SELECT count(*) FROM scenarios_decision d WHERE {_standing} AND {_told_at} > {{week_ago}}) >= a.weekly_cap"

# The runs of one day are one telling: what was outranked in the morning doesn't slip through in a second run.
_told_today = (
    f"v.judged = 'daily' AND (SELECT TRUE FROM scenarios_decision d WHERE {_standing} AND d.run_id IS NOT NULL"
    f" AND {_local_day.format('d.decided_at')} = {_today} LIMIT 1)"
)

_fired = (
    "SELECT f.n, f.mentor_id, f.subject, v.rule_id, v.priority, o.weekly_cap, CASE {cases} END AS reason"
    " FROM unnest({mentor_ids}::bigint[], {version_ids}::bigint[], {subjects}::text[], {occasions}::text[])"
    " WITH ORDINALITY AS f(mentor_id, version_id, subject, occasion, n)"
    " JOIN scenarios_ruleversion v ON v.id = f.version_id"
    " JOIN scenarios_peermentor m ON m.id = f.mentor_id"
    " JOIN scenarios_organization o ON o.id = m.organization_id"
)

OUTRANKED = (Reason.OUTRANKED, _told_today)

_ranked = (
    "SELECT *, count(*) FILTER (WHERE reason IS NULL) OVER (PARTITION BY mentor_id"
    " ORDER BY priority, rule_id, subject, n ROWS UNBOUNDED PRECEDING) AS place FROM asked"
)


def weigh(hits, decided_at: datetime, known_at: datetime | None = None) -> list[str]:
    """Return the reason code for each hit, in the order of the hits; empty where it may be told.

    The gates ask what is so at `decided_at`, as it was known then, or, with hindsight, at `known_at`.
    One message for each mentor and call, and for each mentor and day of runs: of several that pass, the smallest
    priority number wins, ties by rule id.
    """
    statement = sql.SQL(
        f"WITH asked AS MATERIALIZED ({_fired}), a AS ({_ranked})"
        " SELECT CASE WHEN a.reason IS NOT NULL THEN a.reason WHEN a.place > 1 THEN {outranked}"
        f" WHEN {_cap.replace('f.mentor_id', 'a.mentor_id')} THEN {{capped}} ELSE '' END FROM a ORDER BY a.n"
    )
    return _ask(statement, hits, (decided_at, known_at or decided_at), (*PERSONAL, *HISTORY, OUTRANKED))


def look_again(hits, now: datetime) -> list[str]:
    """Return what has come up since the decision, for each hit; the cooldown is never asked again."""
    return _ask(
        sql.SQL(f"WITH asked AS MATERIALIZED ({_fired}) SELECT coalesce(reason, '') FROM asked ORDER BY n"),
        hits,
        (now, now),
        PERSONAL,
    )


def _ask(statement: sql.SQL, hits, instants: tuple[datetime, datetime], gates: Sequence[tuple[str, str]]) -> list[str]:
    decided_at, known_at = instants
    named = {"decided_at": sql.Literal(decided_at), "known_at": sql.Literal(known_at)}
    cases = [
        sql.SQL("WHEN {} THEN {}").format(sql.SQL(test).format(**named), sql.Literal(str(reason)))
        for reason, test in gates
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(
                cases=sql.SQL(" ").join(cases),
                mentor_ids=sql.Literal(hits.mentor_ids),
                version_ids=sql.Literal(hits.version_ids),
                subjects=sql.Literal(hits.subjects),
                occasions=sql.Literal(hits.occasions),
                outranked=sql.Literal(str(Reason.OUTRANKED)),
                capped=sql.Literal(str(Reason.FREQUENCY_CAPPED)),
                week_ago=sql.Literal(decided_at - WEEK),
            )
        )
        return [reason for (reason,) in cursor]
