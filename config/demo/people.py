"""Write the cast down: mentors under pseudonyms, their facts, and, apart from them, names and addresses."""

from datetime import datetime
from random import Random

from django.db import connection
from psycopg import sql

from notifications.models import Contact
from scenarios.models import Activity, Certification, HumanContact, Membership, OptOut, Pause, PeerMentor

from .names import invent_email, invent_name
from .parts import Part, days
from .places import BOSTON
from .rhythm import Logbook


def write_mentors(parts: list[Part]) -> dict[str, int]:
    """Write the mentors in this order. Return their internal ids by user ID."""
    mentors = PeerMentor.objects.bulk_create(
        PeerMentor(
            user_id=part.user_id,
            organization_id=part.organization,
            joined_at=part.joined_at,
            recorded_at=part.joined_at,
            left_at=part.left_at,
            left_recorded_at=part.left_at and part.left_at + days(1),
            weekly_distance_meters=part.weekly_distance_meters,
        )
        for part in parts
    )
    return {mentor.user_id: mentor.pk for mentor in mentors}


def write_facts(parts: list[Part], mentor_ids: dict[str, int], now: datetime, dice: Random) -> dict[str, list[str]]:
    """Write what is known of them. Return the certification ids by user ID, in the order of the part's courses."""
    named = [(part, mentor_ids[part.user_id]) for part in parts]
    Membership.objects.bulk_create(
        Membership(
            mentor_id=pk,
            chapter_id=chapter_id,
            starts_at=part.joined_at,
            ends_at=part.left_at,
            recorded_at=part.joined_at,
        )
        for part, pk in named
        for chapter_id in part.chapters
    )
    Pause.objects.bulk_create(
        Pause(mentor_id=pk, starts_at=starts_at, ends_at=ends_at, recorded_at=starts_at)
        for part, pk in named
        for starts_at, ends_at in part.pauses
    )
    OptOut.objects.bulk_create(
        OptOut(mentor_id=pk, trigger_type=trigger_type, recorded_at=now - days(dice.uniform(40, 300)))
        for part, pk in named
        for trigger_type in part.opt_outs
    )
    HumanContact.objects.bulk_create(
        HumanContact(mentor_id=pk, contacted_at=part.talked_at, recorded_at=part.talked_at)
        for part, pk in named
        if part.talked_at
    )
    logbook = Logbook(dice)
    activities = [activity for part, pk in named for activity in logbook.year_of(part, pk, now)]
    # In the order in which they were logged, as they would have come in.
    activities.sort(key=lambda activity: activity.recorded_at)
    _copy(activities)
    return _write_certifications(named)


def _copy(activities: list[Activity]) -> None:
    """Write them by COPY: there are thousands, and `bulk_create` takes most of a second for that."""
    columns = [field.attname for field in Activity._meta.concrete_fields if not field.primary_key]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(Activity._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for activity in activities:
            copy.write_row([getattr(activity, column) for column in columns])


def _write_certifications(named: list[tuple[Part, int]]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    rows: list[Certification] = []
    for part, pk in named:
        ids[part.user_id] = []
        for course in part.courses:
            issued_at = course.expires_at - days(730)
            row = Certification(
                certification_id=f"cert_{len(rows) + 1:04d}",
                mentor_id=pk,
                kind=course.kind,
                issued_at=issued_at,
                expires_at=course.expires_at,
                recorded_at=issued_at + days(1),
            )
            rows.append(row)
            ids[part.user_id].append(row.certification_id)
    Certification.objects.bulk_create(rows)
    return ids


def write_contacts(parts: list[Part], mentor_ids: dict[str, int], dice: Random) -> None:
    rows = []
    for number, part in enumerate(parts, start=1):
        american = part.organization == BOSTON
        name = invent_name(dice, american)
        # Some in Norway would rather read English.
        language = "en" if american or dice.random() < 0.1 else "nb"
        rows.append(
            Contact(mentor_id=mentor_ids[part.user_id], name=name, email=invent_email(name, number), language=language)
        )
    Contact.objects.bulk_create(rows)
