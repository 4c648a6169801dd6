"""Write a world into the database, and read back what the engine made of it."""

from dataclasses import fields

from scenarios import models
from scenarios.engine import Frame

from . import model

TARGETS = {"distance": "weekly_distance_meters", "minutes": "weekly_minutes", "count": "weekly_activities"}


def write(world: model.World) -> dict[str, models.PeerMentor]:
    """Insert everything; return the mentors by name."""
    models.Organization.objects.bulk_create(
        models.Organization(
            id=row.id,
            name=row.id,
            time_zone=row.zone,
            weekly_cap=row.weekly_cap,
            min_hours_between_messages=row.hours_between,
            human_contact_days=row.human_contact_days,
        )
        for row in world.organizations
    )
    models.ActivitiesKnownSince.objects.bulk_create(
        models.ActivitiesKnownSince(organization_id=row.id, **taken(said, "known_since", "recorded_at", "withdrawn_at"))
        for row in world.organizations
        for said in row.statements
    )
    models.Chapter.objects.bulk_create(
        models.Chapter(id=row.id, name=row.id, organization_id=row.organization) for row in world.chapters
    )
    write_rules(world.rules)
    mentors = {
        row.user_id: row
        for row in models.PeerMentor.objects.bulk_create(
            models.PeerMentor(
                user_id=row.id,
                organization_id=row.organization.id,
                **taken(row, "joined_at", "left_at", "recorded_at", "left_recorded_at"),
                **{column: row.targets.get(what) for what, column in TARGETS.items()},
            )
            for row in world.mentors
        )
    }
    write_facts(world.mentors, mentors)
    return mentors


def taken(row: object, *names: str) -> dict:
    return {name: getattr(row, name) for name in names}


def write_rules(rules: tuple[model.Rule, ...]) -> None:
    brief = models.PromptTemplate.objects.create(name="Brief", purpose="Say hello.")
    same = ("trigger_type", "judged", "parameters", "threshold_days", "delay_hours", "cooldown_days", "priority")
    made = [
        models.Rule(
            id=row.id,
            name=row.id,
            scenario_id=row.scenario,
            organization_id=row.organization,
            chapter_id=row.chapter,
            prompt_template=brief,
            **taken(row, *same, "state"),
        )
        for row in rules
    ]
    for rule in made:
        assert rule.trigger.complaints(rule) == {}, "the oracle's worlds hold rules that staff could have written"
    models.Rule.objects.bulk_create(made)
    models.RuleVersion.objects.bulk_create(
        models.RuleVersion(rule=rule, number=1, valid_from=row.valid_from, **rule.terms())
        for rule, row in zip(made, rules, strict=True)
    )


def write_facts(people: tuple[model.Mentor, ...], mentors: dict[str, models.PeerMentor]) -> None:
    tables = (
        ("memberships", models.Membership, {"chapter": "chapter_id"}),
        ("pauses", models.Pause, {}),
        ("opt_outs", models.OptOut, {}),
        ("conversations", models.HumanContact, {}),
        ("certifications", models.Certification, {"id": "certification_id"}),
    )
    for name, table, renamed in tables:
        table.objects.bulk_create(
            table(
                mentor=mentors[mentor.id],
                **{renamed.get(f.name, f.name): getattr(fact, f.name) for f in fields(fact)},
            )
            for mentor in people
            for fact in getattr(mentor, name)
        )
    models.Activity.objects.bulk_create(
        stored(activity, mentors[mentor.id]) for mentor in people for activity in mentor.activities
    )


def stored(activity: model.Activity, mentor: models.PeerMentor) -> models.Activity:
    return models.Activity(
        activity_id=activity.id,
        mentor=mentor,
        activity_type=activity.kind,
        distance_meters=activity.metres,
        duration_seconds=activity.seconds,
        wellbeing_flags=list(activity.flags),
        **taken(
            activity,
            "completed_at",
            "contact_id",
            "contact_type",
            "is_group",
            "participants",
            "recorded_at",
            "withdrawn_at",
        ),
    )


def engines(frame: model.Frame) -> Frame:
    return Frame(frame.instant, frame.known_at, frame.decided_at)


def decided(**which: str) -> list[tuple]:
    """Return the engine's decisions in the form of `Decision.row`."""
    rows = models.Decision.objects.filter(**which).values_list(
        "mentor__user_id",
        "rule_id",
        "rule_version__number",
        "subject",
        "occasion",
        "reason",
        "outcome",
        "scheduled_for",
        "instant",
        "known_at",
        "decided_at",
    )
    return sorted(rows)
