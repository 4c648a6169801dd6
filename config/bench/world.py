"""The invented people of the bench, made where they are stored. What becomes of mentor n follows from n alone.

Of a hundred mentors five are not active, four have long been silent, four have a certification that expires, two are
far below their weekly target, and two were told of the same a few days ago.
"""

from datetime import datetime

from django.db import connection

from scenarios.models import Chapter, Organization
from scenarios.operations.deadlocks import past_deadlocks

AT_ONCE = 50_000
ZONES = ("Europe/Oslo", "America/New_York")
PEOPLE = (
    *("scenarios_peermentor", "scenarios_membership", "scenarios_activity", "scenarios_certification"),
    *("scenarios_pause", "scenarios_optout", "scenarios_humancontact"),
)

CROWD = """
CREATE TEMPORARY TABLE crowd AS
SELECT n, n % 100 AS r, n / 100 AS q, (n * 7919 + n / 100) % {chapters} AS chapter,
       CASE WHEN n % 100 IN (0, 20, 40, 60) THEN 15.2 + n / 100 * 7 % 40 ELSE 0.5 + n * 13 % 50 * 0.1 END AS idle_days,
       CASE WHEN n % 100 IN (7, 27, 47, 67) THEN 2.3 + n / 100 * 11 % 26 ELSE 60.3 + n * 17 % 600 END AS valid_days
FROM generate_series({first}::bigint, {last}::bigint) AS n
ORDER BY n
"""

ROWS = (
    """
    INSERT INTO scenarios_peermentor (id, user_id, organization_id, joined_at, recorded_at, left_at, left_recorded_at,
                                      weekly_minutes, weekly_activities, weekly_distance_meters)
    SELECT n, 'usr_bench_' || n, 'org_bench_' || chapter %% 2, %(now)s - interval '700 days',
           %(now)s - interval '700 days', CASE WHEN r IN (3, 23, 43) THEN %(now)s - interval '40 days' END,
           CASE WHEN r IN (3, 23, 43) THEN %(now)s - interval '40 days' END,
           CASE WHEN r IN (13, 33) THEN 600 WHEN r %% 10 = 9 THEN 20 END, CASE WHEN r = 33 THEN 5 END,
           CASE WHEN r IN (13, 53) THEN 100 * r END
    FROM crowd
    """,
    """
    INSERT INTO scenarios_membership (mentor_id, chapter_id, starts_at, recorded_at)
    SELECT n, 'ch_bench_' || chapter, %(now)s - interval '700 days', %(now)s - interval '700 days' FROM crowd
    """,
    """
    INSERT INTO scenarios_activity (activity_id, mentor_id, chapter_id, activity_type, distance_meters,
                                    duration_seconds, completed_at, recorded_at, contact_id, contact_type,
                                    wellbeing_flags)
    SELECT 'act_bench_' || n || '_' || k, n, 'ch_bench_' || chapter,
           (ARRAY['visit', 'phone', 'walk', 'meeting'])[1 + (n + k) %% 4],
           CASE WHEN (n + k) %% 4 = 2 THEN 1000 + n * k %% 5000 END, 60 * (20 + n * k %% 70),
           %(now)s - make_interval(secs => 86400 * (idle_days + 9 * k)),
           %(now)s - make_interval(secs => 86400 * (idle_days + 9 * k) - 1800), 'contact_' || n %% 7, 'phone', '{}'
    FROM crowd CROSS JOIN generate_series(0, 4) AS k
    ORDER BY n, k DESC
    """,
    """
    INSERT INTO scenarios_certification (certification_id, mentor_id, kind, issued_at, expires_at, recorded_at)
    SELECT 'cert_bench_' || n || '_' || k, n, CASE WHEN k = 1 THEN 'First aid' ELSE 'Basic course' END,
           %(now)s - interval '720 days', %(now)s + make_interval(secs => 86400 * (valid_days - 15 * k)),
           %(now)s - interval '700 days'
    FROM crowd CROSS JOIN generate_series(0, 2) AS k
    WHERE k = 0 AND r %% 10 <> 9 OR k = 1 AND r %% 10 = 8 OR k = 2 AND r = 7
    ORDER BY n, k
    """,
    """
    INSERT INTO scenarios_pause (mentor_id, starts_at, ends_at, recorded_at)
    SELECT n, %(now)s - interval '30 days', %(now)s + CASE r WHEN 5 THEN interval '-2 days' WHEN 63 THEN '9 days' END,
           %(now)s - interval '30 days'
    FROM crowd WHERE r IN (5, 63, 83)
    """,
    """
    INSERT INTO scenarios_optout (mentor_id, trigger_type, recorded_at)
    SELECT n, CASE WHEN q %% 8 = 0 THEN '' ELSE 'inactivity' END, %(now)s - interval '90 days'
    FROM crowd WHERE r = 20 AND q %% 4 = 0
    """,
    """
    INSERT INTO scenarios_humancontact (mentor_id, contacted_at, recorded_at)
    SELECT n, %(now)s - interval '3 days', %(now)s - interval '3 days' FROM crowd WHERE r = 40 AND q %% 4 = 1
    """,
)

# Told of the same five days ago: the cooldown holds. And some heard twice this week of something else.
TOLD_BEFORE = """
INSERT INTO scenarios_decision (mentor_id, organization_id, rule_id, rule_version_id, subject, occasion, readings,
                                run_id, instant, known_at, decided_at, reason, scheduled_for, outcome, outcome_reason,
                                settled_at)
SELECT m.id, m.organization_id, v.rule_id, v.id, told.subject, to_char(told.at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '{}',
       'run_bench_before', told.at, told.at, told.at, '', told.at, 'told', '', told.at
FROM scenarios_peermentor m
CROSS JOIN LATERAL (
    SELECT 1 AS version_id, '' AS subject, %(now)s - interval '5 days' AS at WHERE m.id %% 100 = 0
    UNION ALL
    SELECT 4, 'cert_bench_' || m.id || '_0', %(now)s - interval '5 days' WHERE m.id %% 100 = 27
    UNION ALL
    SELECT 6 + k, '', %(now)s - make_interval(days => 2 * k) FROM generate_series(1, 2) AS k WHERE m.id %% 1000 = 60
) AS told
JOIN scenarios_ruleversion v ON v.id = told.version_id
ORDER BY m.id
"""

# What the ways write, and what hangs on it.
WRITTEN = ("scenarios_decision", "scenarios_clearance", "scenarios_evaluation", "scheduler_run", "scheduler_incident")


def build(mentors: int, *, now: datetime, chapters: int = 100) -> None:
    """Make this many mentors in the place of those that there were."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(WRITTEN + PEOPLE)} CASCADE")
        # The rows are sound by construction; to check each of them would take minutes.
        cursor.execute("SET session_replication_role = replica")
        make_places(chapters)
        for first in range(1, mentors + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, mentors)
            cursor.execute(CROWD.format(first=first, last=last, chapters=chapters))
            for statement in ROWS:
                cursor.execute(statement, {"now": now})
            cursor.execute("DROP TABLE crowd")
        cursor.execute("RESET session_replication_role")
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(PEOPLE)}")


def make_places(chapters: int) -> None:
    organizations = [
        Organization(id=f"org_bench_{n}", name=f"Bench {n}", time_zone=zone) for n, zone in enumerate(ZONES)
    ]
    Organization.objects.bulk_create(organizations, ignore_conflicts=True)
    Chapter.objects.bulk_create(
        [
            Chapter(id=f"ch_bench_{n}", name=f"Chapter {n}", organization_id=f"org_bench_{n % 2}")
            for n in range(chapters)
        ],
        ignore_conflicts=True,
    )


def forget_decisions() -> None:
    """Clear the way for other rules: a decision holds on to the version that made it."""

    def truncate() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(WRITTEN)} RESTART IDENTITY CASCADE")

    # A worker that has just closed a run still looks at what there is to tell.
    past_deadlocks(truncate)


def reset(*, now: datetime) -> None:
    """Put back what had been decided before: every way starts with the same tables, and with nothing to catch up on."""
    forget_decisions()
    with connection.cursor() as cursor:
        cursor.execute(TOLD_BEFORE, {"now": now})
        cursor.execute("VACUUM (ANALYZE) scenarios_decision, scenarios_ruleversion, scenarios_rule")
        cursor.execute("CHECKPOINT")
