-- The daily run as one statement, written by hand for the twelve rules of rules.py: the yardstick of the bench.
-- Each fact table is read once and grouped, a rule is a bit, and only who has a bit set is looked at any further.
INSERT INTO scenarios_decision (mentor_id, organization_id, rule_id, rule_version_id, subject, occasion, readings,
                                run_id, instant, known_at, decided_at, reason, scheduled_for, outcome, outcome_reason)
WITH
rule (bit, id, rule_id, scenario_id, trigger_type, reading, priority) AS (VALUES
    (   1,  1, 'rule_bench_0001', 'quiet', 'inactivity', 'quiet', 50),
    (   2,  2, 'rule_bench_0002', 'quiet_month', 'inactivity', 'quiet', 30),
    (   4,  3, 'rule_bench_0003', 'quiet_long', 'inactivity', 'quiet', 20),
    (   8,  4, 'rule_bench_0004', 'expiry', 'certification_expiry', '', 40),
    (  16,  5, 'rule_bench_0005', 'expiry_soon', 'certification_expiry', '', 10),
    (  32,  6, 'rule_bench_0006', 'visit_missed', 'activity_missed', 'visit', 60),
    (  64,  7, 'rule_bench_0007', 'phone_missed', 'activity_missed', 'phone', 70),
    ( 128,  8, 'rule_bench_0008', 'few_minutes', 'below_weekly_target', 'minutes', 80),
    ( 256,  9, 'rule_bench_0009', 'few_activities', 'below_weekly_target', 'activities', 90),
    ( 512, 10, 'rule_bench_0010', 'short_distance', 'below_weekly_target', 'distance', 100),
    (1024, 11, 'rule_bench_0011', 'quiet', 'inactivity', 'quiet', 50),
    (2048, 12, 'rule_bench_0012', 'quiet', 'inactivity', 'quiet', 50)
),
subject AS (
    SELECT m.id, m.organization_id, m.weekly_minutes, m.weekly_activities, m.weekly_distance_meters,
           GREATEST(m.joined_at, CASE WHEN m.recorded_at <= k.recorded_at
                                      THEN k.known_since::timestamp AT TIME ZONE o.time_zone
                                      ELSE m.recorded_at END) AS since
    FROM scenarios_peermentor m
    JOIN scenarios_organization o ON o.id = m.organization_id
    LEFT JOIN scenarios_activitiesknownsince k
        ON k.organization_id = m.organization_id
        AND k.recorded_at <= %(as_of)s AND (k.withdrawn_at IS NULL OR k.withdrawn_at > %(as_of)s)
    WHERE m.joined_at <= %(as_of)s AND m.recorded_at <= %(as_of)s
      AND (m.left_at IS NULL OR m.left_at > %(as_of)s OR m.left_recorded_at > %(as_of)s)
      AND NOT EXISTS (
          SELECT FROM scenarios_pause p
          WHERE p.mentor_id = m.id AND p.starts_at <= %(as_of)s AND (p.ends_at IS NULL OR p.ends_at > %(as_of)s)
            AND p.recorded_at <= %(as_of)s AND (p.withdrawn_at IS NULL OR p.withdrawn_at > %(as_of)s))
),
activity AS (
    SELECT mentor_id, max(completed_at) AS latest,
           max(completed_at) FILTER (WHERE activity_type = 'visit') AS visit,
           max(completed_at) FILTER (WHERE activity_type = 'phone' AND duration_seconds >= 600) AS phone,
           sum(duration_seconds) FILTER (WHERE completed_at > %(as_of)s - interval '168 hours') AS seconds,
           count(*) FILTER (WHERE completed_at > %(as_of)s - interval '336 hours') AS activities,
           sum(distance_meters) FILTER (WHERE completed_at > %(as_of)s - interval '672 hours') AS meters
    FROM scenarios_activity
    WHERE recorded_at <= %(as_of)s AND (withdrawn_at IS NULL OR withdrawn_at > %(as_of)s) AND completed_at <= %(as_of)s
    GROUP BY mentor_id
),
pause AS (
    SELECT mentor_id, max(ends_at) AS latest
    FROM scenarios_pause
    WHERE starts_at <= %(as_of)s AND ends_at <= %(as_of)s
      AND recorded_at <= %(as_of)s AND (withdrawn_at IS NULL OR withdrawn_at > %(as_of)s)
    GROUP BY mentor_id
),
-- Of the chapters only the one that has a rule of its own matters.
member AS (
    SELECT DISTINCT mentor_id
    FROM scenarios_membership
    WHERE chapter_id = 'ch_bench_4' AND starts_at <= %(as_of)s AND (ends_at IS NULL OR ends_at > %(as_of)s)
      AND recorded_at <= %(as_of)s AND (withdrawn_at IS NULL OR withdrawn_at > %(as_of)s)
),
measured AS (
    SELECT s.id, s.organization_id,
           s.weekly_minutes, s.weekly_activities, s.weekly_distance_meters, seconds, activities, meters,
           GREATEST(a.latest, s.since, p.latest) AS quiet, GREATEST(a.visit, s.since, p.latest) AS visit,
           GREATEST(a.phone, s.since, p.latest) AS phone, member.mentor_id IS NOT NULL AS member
    FROM subject s
    LEFT JOIN activity a ON a.mentor_id = s.id
    LEFT JOIN pause p ON p.mentor_id = s.id
    LEFT JOIN member ON member.mentor_id = s.id
),
judged AS (
    SELECT *,
        CASE WHEN quiet <= %(as_of)s - interval '240 hours' THEN
            CASE WHEN organization_id = 'org_bench_1'
                 THEN CASE WHEN NOT member AND quiet <= %(as_of)s - interval '504 hours' THEN 1024 ELSE 0 END
                 WHEN NOT member AND quiet <= %(as_of)s - interval '336 hours' THEN 1 ELSE 0 END
            | CASE WHEN member THEN 2048 ELSE 0 END
            | CASE WHEN quiet <= %(as_of)s - interval '720 hours' THEN 2 ELSE 0 END
            | CASE WHEN quiet <= %(as_of)s - interval '1200 hours' THEN 4 ELSE 0 END
        ELSE 0 END
        | CASE WHEN visit <= %(as_of)s - interval '1440 hours' THEN 32 ELSE 0 END
        | CASE WHEN phone <= %(as_of)s - interval '1080 hours' THEN 64 ELSE 0 END
        | CASE WHEN coalesce(seconds, 0) * 2 < weekly_minutes * 60 THEN 128 ELSE 0 END
        | CASE WHEN coalesce(activities, 0) < weekly_activities * 2 THEN 256 ELSE 0 END
        | CASE WHEN coalesce(meters, 0) < weekly_distance_meters * 4 THEN 512 ELSE 0 END AS bits
    FROM measured
    -- A fence: the bits are worked out once for each mentor, not again for each rule.
    OFFSET 0
),
struck AS MATERIALIZED (SELECT * FROM judged WHERE bits <> 0),
latest AS (
    SELECT DISTINCT ON (mentor_id, kind) mentor_id, certification_id, kind, expires_at
    FROM scenarios_certification
    WHERE recorded_at <= %(as_of)s AND (withdrawn_at IS NULL OR withdrawn_at > %(as_of)s)
      AND (issued_at IS NULL OR issued_at <= %(as_of)s)
    ORDER BY mentor_id, kind, expires_at DESC, id DESC
),
expiring AS MATERIALIZED (
    SELECT s.id, c.certification_id, c.kind, c.expires_at,
           CASE WHEN c.expires_at <= %(as_of)s + interval '168 hours' THEN 8 | 16 ELSE 8 END AS bits
    FROM latest c JOIN subject s ON s.id = c.mentor_id
    WHERE c.expires_at >= %(as_of)s AND c.expires_at <= %(as_of)s + interval '720 hours'
),
fired AS (
    SELECT j.id AS mentor_id, r.*, '' AS subject,
        CASE reading
            WHEN 'minutes' THEN jsonb_build_object(
                'value', coalesce(seconds, 0) / 60::float8, 'limit', weekly_minutes / 2::float8)
            WHEN 'activities' THEN jsonb_build_object(
                'value', coalesce(activities, 0)::float8, 'limit', weekly_activities * 2::float8)
            WHEN 'distance' THEN jsonb_build_object(
                'value', coalesce(meters, 0)::float8, 'limit', weekly_distance_meters * 4::float8)
            ELSE jsonb_build_object(
                'from', to_char(CASE reading WHEN 'quiet' THEN quiet WHEN 'visit' THEN visit ELSE phone END
                                AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'to', to_char(%(as_of)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        END AS readings
    FROM struck j JOIN rule r ON j.bits & r.bit <> 0
    UNION ALL
    SELECT e.id, r.*, e.certification_id,
        jsonb_build_object(
            'from', to_char(%(as_of)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'to', to_char(e.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'kind', e.kind)
    FROM expiring e JOIN rule r ON e.bits & r.bit <> 0
),
-- The gates, for hits only, each by a key that starts with the mentor.
asked AS MATERIALIZED (
    SELECT f.*, m.organization_id, o.weekly_cap, o.min_hours_between_messages, o.time_zone,
        to_char(%(as_of)s AT TIME ZONE o.time_zone, 'YYYY-MM-DD') AS occasion,
        CASE
            WHEN m.left_at <= %(now)s AND m.left_recorded_at <= %(now)s THEN 'mentor_left'
            WHEN (SELECT TRUE FROM scenarios_pause x
                  WHERE x.mentor_id = f.mentor_id AND x.starts_at <= %(now)s
                    AND (x.ends_at IS NULL OR x.ends_at > %(now)s) AND x.recorded_at <= %(now)s
                    AND (x.withdrawn_at IS NULL OR x.withdrawn_at > %(now)s) LIMIT 1) THEN 'mentor_paused'
            WHEN (SELECT TRUE FROM scenarios_optout x
                  WHERE x.mentor_id = f.mentor_id AND x.trigger_type IN ('', f.trigger_type)
                    AND x.recorded_at <= %(now)s AND (x.withdrawn_at IS NULL OR x.withdrawn_at > %(now)s) LIMIT 1)
                THEN 'user_opted_out'
            WHEN (%(now)s AT TIME ZONE o.time_zone)::date
                 - (SELECT max((x.contacted_at AT TIME ZONE o.time_zone)::date) FROM scenarios_humancontact x
                    WHERE x.mentor_id = f.mentor_id AND x.contacted_at <= %(now)s AND x.recorded_at <= %(now)s
                      AND (x.withdrawn_at IS NULL OR x.withdrawn_at > %(now)s)) < o.human_contact_days
                THEN 'human_contact'
            WHEN (SELECT TRUE FROM scenarios_decision d
                  WHERE d.mentor_id = f.mentor_id AND d.outcome IN ('pending', 'told') AND d.rule_id = f.rule_id
                    AND d.subject = f.subject
                    AND d.occasion = to_char(%(as_of)s AT TIME ZONE o.time_zone, 'YYYY-MM-DD') LIMIT 1)
                THEN 'already_told'
            WHEN (%(now)s AT TIME ZONE o.time_zone)::date
                 - (SELECT max((coalesce(d.settled_at, greatest(d.scheduled_for, d.decided_at))
                                AT TIME ZONE o.time_zone)::date)
                    FROM scenarios_decision d JOIN scenarios_ruleversion v ON v.id = d.rule_version_id
                    WHERE d.mentor_id = f.mentor_id AND d.outcome IN ('pending', 'told') AND d.subject = f.subject
                      AND v.scenario_id = f.scenario_id) < 30
                THEN 'cooldown_active'
            WHEN (SELECT TRUE FROM scenarios_decision d
                  WHERE d.mentor_id = f.mentor_id AND d.outcome IN ('pending', 'told') AND d.run_id IS NOT NULL
                    AND (d.decided_at AT TIME ZONE o.time_zone)::date = (%(now)s AT TIME ZONE o.time_zone)::date
                  LIMIT 1)
                THEN 'outranked'
        END AS held
    FROM fired f
    JOIN scenarios_peermentor m ON m.id = f.mentor_id
    JOIN scenarios_organization o ON o.id = m.organization_id
),
ranked AS (
    SELECT *, count(*) FILTER (WHERE held IS NULL) OVER (
        PARTITION BY mentor_id ORDER BY priority, rule_id, subject ROWS UNBOUNDED PRECEDING) AS place
    FROM asked
),
decided AS (
    SELECT *, CASE
        WHEN held IS NOT NULL THEN held
        WHEN place > 1 THEN 'outranked'
        WHEN (SELECT count(*) FROM scenarios_decision d
              WHERE d.mentor_id = r.mentor_id AND d.outcome IN ('pending', 'told')
                AND coalesce(d.settled_at, greatest(d.scheduled_for, d.decided_at)) > %(now)s - interval '168 hours')
             >= r.weekly_cap
          OR (SELECT TRUE FROM scenarios_decision d
              WHERE d.mentor_id = r.mentor_id AND d.outcome IN ('pending', 'told') AND d.run_id IS NOT NULL
                AND d.scheduled_for AT TIME ZONE r.time_zone
                    > (%(as_of)s + interval '72 hours') AT TIME ZONE r.time_zone
                      - make_interval(hours => r.min_hours_between_messages, mins => -10)
                AND d.scheduled_for AT TIME ZONE r.time_zone
                    < (%(as_of)s + interval '72 hours') AT TIME ZONE r.time_zone
                      + make_interval(hours => r.min_hours_between_messages, mins => -10)
              LIMIT 1)
             THEN 'frequency_capped'
        ELSE '' END AS reason
    FROM ranked r
)
SELECT mentor_id, organization_id, rule_id, id, subject, occasion, readings, %(run_id)s,
       %(as_of)s, %(as_of)s, %(now)s, reason, %(as_of)s + interval '72 hours',
       CASE reason WHEN '' THEN 'pending' ELSE '' END, ''
FROM decided
ORDER BY mentor_id
ON CONFLICT DO NOTHING
