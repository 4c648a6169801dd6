"""Very many invented mentors, made where they are stored. About every tenth of them gives a rule something to say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from notifications.models import Contact
from scenarios.engine import active
from scenarios.models import Activity, Certification, Chapter, Membership, PeerMentor

from .names import AMERICAN_FIRST, AMERICAN_LAST, NORWEGIAN_FIRST, NORWEGIAN_LAST

# Small enough that no statement comes near the statement timeout.
AT_ONCE = 20_000

# Mentor number n; what is silent, expiring, opted out or talked to follows from n alone.
CROWD = """
CREATE TEMPORARY TABLE crowd AS
SELECT n, nextval(pg_get_serial_sequence('scenarios_peermentor', 'id')) AS id, c.chapter_id, c.organization_id,
       c.american, %(now)s::timestamptz AS now,
       CASE WHEN n %% 20 = 0 THEN 16 + n * 7 %% 44 ELSE 0.5 + n * 13 %% 50 * 0.1 END AS idle_days,
       CASE WHEN n %% 20 = 7 THEN 6 + n * 11 %% 20 ELSE 60 + n * 17 %% 600 END AS valid_days
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
JOIN unnest(%(chapters)s::text[], %(organizations)s::text[], %(american)s::boolean[])
     WITH ORDINALITY AS c(chapter_id, organization_id, american, place) ON c.place = 1 + n %% %(places)s
ORDER BY n
"""

ROWS = (
    """
    INSERT INTO scenarios_peermentor (id, user_id, organization_id, joined_at, recorded_at)
    SELECT id, 'usr_sim_' || lpad(n::text, 8, '0'), organization_id, now - interval '2 years', now - interval '2 years'
    FROM crowd
    """,
    """
    INSERT INTO scenarios_membership (mentor_id, chapter_id, starts_at, recorded_at)
    SELECT id, chapter_id, now - interval '2 years', now - interval '2 years' FROM crowd
    """,
    """
    INSERT INTO scenarios_activity (activity_id, mentor_id, chapter_id, activity_type, duration_seconds, completed_at,
                                    recorded_at, contact_id, contact_type, wellbeing_flags)
    SELECT 'act_sim_' || n || '_' || k, id, chapter_id,
           (ARRAY['visit', 'phone', 'walk', 'group_meeting'])[1 + (n + k) % 4], 60 * (20 + n * k % 70),
           now - make_interval(hours => (24 * (idle_days + 9 * k))::int),
           now - make_interval(hours => (24 * (idle_days + 9 * k))::int - 3), '', '', '{}'
    FROM crowd CROSS JOIN generate_series(0, 4) AS k
    """,
    """
    INSERT INTO scenarios_certification (certification_id, mentor_id, kind, issued_at, expires_at, recorded_at)
    SELECT 'cert_sim_' || n, id,
           CASE WHEN american THEN 'Peer mentor basic course' ELSE 'Grunnkurs for likepersoner' END,
           now + make_interval(days => valid_days::int - 730), now + make_interval(days => valid_days::int),
           now + make_interval(days => valid_days::int - 729)
    FROM crowd
    """,
    """
    INSERT INTO scenarios_optout (mentor_id, trigger_type, recorded_at)
    SELECT id, '', now - interval '90 days' FROM crowd WHERE n % 200 IN (20, 47)
    """,
    """
    INSERT INTO scenarios_humancontact (mentor_id, contacted_at, recorded_at)
    SELECT id, now - interval '3 days', now - interval '3 days' FROM crowd WHERE n % 200 IN (40, 67)
    """,
)
CONTACTS = """
INSERT INTO notifications_contact (mentor_id, name, email, language, time_zone)
SELECT id, first[1 + n %% cardinality(first)] || ' ' || last[1 + n / 7 %% cardinality(last)],
       'sim.' || n || '@example.org', language, ''
FROM crowd
JOIN (VALUES (true, 'en', %(us_first)s::text[], %(us_last)s::text[]),
             (false, 'nb', %(no_first)s::text[], %(no_last)s::text[])) AS names(american, language, first, last)
     USING (american)
"""
NAMES: dict[str, Any] = {
    "us_first": AMERICAN_FIRST,
    "us_last": AMERICAN_LAST,
    "no_first": NORWEGIAN_FIRST,
    "no_last": NORWEGIAN_LAST,
}
MODELS = (PeerMentor, Membership, Activity, Certification, Contact)


def fill_up(target: int, *, now: datetime) -> Iterator[int]:
    """Add mentors to the chapters that there are until `target` are active; yield how many were added so far.

    Each portion is committed by itself: interrupted, it goes on where it was.
    """
    missing = target - active(now, now).count()
    first = _used() + 1
    for done in range(0, missing, AT_ONCE):
        portion = min(AT_ONCE, missing - done)
        _add(first + done, first + done + portion - 1, now)
        yield done + portion
    with connection.cursor() as cursor:
        # Autovacuum would get there too, but the first run shouldn't be planned for the tables as they were.
        cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in MODELS))


def _used() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(user_id) FROM scenarios_peermentor WHERE user_id LIKE 'usr\\_sim\\_%'")
        (highest,) = cursor.fetchone()
    return int(highest.removeprefix("usr_sim_")) if highest else 0


@transaction.atomic
def _add(first: int, last: int, now: datetime) -> None:
    chapters = list(Chapter.objects.order_by("id").select_related("organization"))
    parameters: dict[str, Any] = {
        "now": now,
        "first": first,
        "last": last,
        "chapters": [chapter.pk for chapter in chapters],
        "organizations": [chapter.organization_id for chapter in chapters],
        "american": [chapter.organization.time_zone.startswith("America/") for chapter in chapters],
        "places": len(chapters),
    }
    with connection.cursor() as cursor:
        cursor.execute(CROWD, parameters)
        for statement in ROWS:
            cursor.execute(statement)
        cursor.execute(CONTACTS, NAMES)
        cursor.execute("DROP TABLE crowd")
