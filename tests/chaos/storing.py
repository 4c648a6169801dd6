"""Write the world into the house's tables, through the models: the harness's only use of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.world import (
    DAILY_RULES,
    HUMAN_CONTACT_DAYS,
    LONG_SECONDS,
    LONG_VISIT,
    SLOT_HOUR,
    SLOT_ZONE,
    ZONES,
    Changes,
    World,
)

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
PLENTY = 50
DAILY_AGAIN = "The daily entry, fired by beat itself"


def organization_id(n: int) -> str:
    return f"org_{n}"


def chapter_id(n: int) -> str:
    return f"ch_{n}"


def store(world: World) -> None:
    """Make tables and rows for a new house."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    store_places()
    store_rules()
    store_schedule()
    store_people(world)
    close()


def store_places() -> None:
    from scenarios.models import Chapter, Organization

    for n, zone in enumerate(ZONES):
        organization = Organization.objects.create(
            id=organization_id(n),
            name=f"Organisation {n}",
            time_zone=zone,
            weekly_cap=PLENTY,
            min_hours_between_messages=0,
            human_contact_days=HUMAN_CONTACT_DAYS,
            # Nothing here is implausible, however much of it there is.
            brake_limit_percent=100,
            brake_fewest=1000,
        )
        Chapter.objects.create(id=chapter_id(n), organization=organization, name=f"Chapter {n}")


def store_rules() -> None:
    for rule in DAILY_RULES:
        store_rule(
            rule.id,
            trigger_type="inactivity",
            threshold_days=rule.idle_days,
            cooldown_days=rule.cooldown_days,
            priority=rule.priority,
        )
    store_rule(
        LONG_VISIT,
        trigger_type="activity_completed",
        judged="activity",
        cooldown_days=0,
        parameters={"min_minutes": LONG_SECONDS // 60},
    )


def store_rule(rule_id: str, **terms: Any) -> None:
    """Store a rule whose messages have its id as their subject, so that they are told apart on the wire."""
    from notifications.models import Variant
    from scenarios.models import PromptTemplate, Rule, RuleVersion

    template = PromptTemplate.objects.create(name=rule_id, purpose="Say hello.")
    Variant.objects.create(
        template=template, language="en", subject=rule_id, body="Hello.", state="approved", approved_at=LONG_AGO
    )
    rule = Rule.objects.create(
        id=rule_id, name=rule_id, scenario_id=rule_id, prompt_template=template, state="on", **terms
    )
    RuleVersion.objects.create(rule=rule, number=1, valid_from=LONG_AGO, **rule.terms())


def store_schedule() -> None:
    from django_celery_beat.models import CrontabSchedule, PeriodicTask

    from scheduler.schedule import DAILY_TASK, TICK_TASK

    crontab = CrontabSchedule.objects.create(hour=str(SLOT_HOUR), minute="0", timezone=str(SLOT_ZONE))
    PeriodicTask.objects.filter(task=DAILY_TASK).update(crontab=crontab)
    every_second = PeriodicTask.objects.get(task=TICK_TASK).interval
    PeriodicTask.objects.create(name=DAILY_AGAIN, task=DAILY_TASK, interval=every_second, enabled=False)
    # By beat's own clock: it would wait for the hour at which the rows were made, which is still to come.
    PeriodicTask.objects.update(last_run_at=datetime.now(UTC))


def fire_daily_entry(enabled: bool) -> None:
    """Let beat fire the daily entry every second too, or let it be."""
    from django_celery_beat.models import PeriodicTask

    entry = PeriodicTask.objects.get(name=DAILY_AGAIN)
    entry.enabled = enabled
    entry.save()
    close()


def store_people(world: World) -> None:
    from notifications.models import Contact
    from scenarios.models import Activity, Membership, PeerMentor

    rows = [
        PeerMentor(
            user_id=mentor.user_id,
            organization_id=organization_id(mentor.organization),
            joined_at=mentor.joined_at,
            recorded_at=LONG_AGO,
        )
        for mentor in world.mentors
    ]
    PeerMentor.objects.bulk_create(rows)
    Membership.objects.bulk_create(
        Membership(mentor=row, chapter_id=chapter_id(m.organization), starts_at=m.joined_at, recorded_at=LONG_AGO)
        for row, m in zip(rows, world.mentors, strict=True)
    )
    Contact.objects.bulk_create(
        Contact(mentor=row, name=f"Kari {m.user_id}", email=m.address, language="en")
        for row, m in zip(rows, world.mentors, strict=True)
    )
    Activity.objects.bulk_create(
        Activity(
            activity_id=f"act_first_{m.user_id}",
            mentor=row,
            activity_type="visit",
            duration_seconds=600,
            completed_at=m.last_activity,
            recorded_at=m.last_activity,
        )
        for row, m in zip(rows, world.mentors, strict=True)
    )


def store_changes(changes: Changes) -> None:
    """Store what has become known, as known from the moment it happened."""
    from scenarios.models import Activity, HumanContact, OptOut, Pause, PeerMentor

    ids = dict(PeerMentor.objects.values_list("user_id", "id"))
    Activity.objects.bulk_create(
        Activity(
            activity_id=f"act_{mentor.user_id}_{at:%Y%m%d}",
            mentor_id=ids[mentor.user_id],
            activity_type="visit",
            duration_seconds=600,
            completed_at=at,
            recorded_at=at,
        )
        for mentor, at in changes.activities
    )
    Pause.objects.bulk_create(
        Pause(mentor_id=ids[mentor.user_id], starts_at=starts, ends_at=ends, recorded_at=starts)
        for mentor, starts, ends in changes.pauses
    )
    OptOut.objects.bulk_create(
        OptOut(mentor_id=ids[mentor.user_id], trigger_type=kind, recorded_at=LONG_AGO)
        for mentor, kind in changes.opt_outs
    )
    HumanContact.objects.bulk_create(
        HumanContact(mentor_id=ids[mentor.user_id], contacted_at=at, recorded_at=at) for mentor, at in changes.talks
    )
    for mentor in changes.leavers:
        at = mentor.left_at
        PeerMentor.objects.filter(user_id=mentor.user_id).update(left_at=at, left_recorded_at=at + timedelta(seconds=1))
    close()


def close() -> None:
    """Keep no connection: the server may be another one when we come again."""
    from django.db import connection

    connection.close()


def run(statements: tuple[str, ...]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    close()
