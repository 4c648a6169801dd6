"""A small cast: each function makes one row that is valid as it stands, and takes what matters to the test by name."""

from datetime import UTC, datetime, timedelta
from itertools import count

from notifications.models import Contact, Variant
from scenarios import triggers
from scenarios.models import (
    Activity,
    Certification,
    Chapter,
    HumanContact,
    Membership,
    OptOut,
    Organization,
    Pause,
    PeerMentor,
    PromptTemplate,
    Rule,
    RuleVersion,
)

# A Wednesday at noon in Oslo: no test may depend on the day it is run.
NOW = datetime(2026, 3, 25, 11, 0, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)

# What a rule of these types can't do without.
PARAMETERS = {
    "below_weekly_target": {"weekly_target": 7000},
    "milestone": {"counts": [1]},
    "wellbeing_flag": {"flags": ["low_mood"]},
}

_number = count(1)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def make_organization(**fields) -> Organization:
    """Make one that the brake's limit doesn't hold: in many tests all of a handful of mentors are told at once."""
    n = next(_number)
    fields = {"id": f"org_{n}", "name": f"Organisation {n}", "brake_limit_percent": 100, **fields}
    return Organization.objects.create(**fields)


def make_chapter(organization: Organization | None = None, **fields) -> Chapter:
    n = next(_number)
    return Chapter.objects.create(
        **{"id": f"ch_{n}", "name": f"Chapter {n}", "organization": organization or make_organization(), **fields}
    )


def make_mentor(
    organization: Organization | None = None, *, idle_for: timedelta | None = None, now: datetime = NOW, **fields
) -> PeerMentor:
    """Make a mentor who joined long ago; with `idle_for`, one whose last activity was that long before `now`."""
    n = next(_number)
    fields = {"user_id": f"usr_{n}", "joined_at": LONG_AGO, "recorded_at": LONG_AGO, **fields}
    if fields.get("left_at"):
        fields.setdefault("left_recorded_at", fields["left_at"])
    mentor = PeerMentor.objects.create(organization=organization or make_organization(), **fields)
    if idle_for is not None:
        make_activity(mentor, completed_at=now - idle_for)
    return mentor


def make_contact(mentor: PeerMentor, **fields) -> Contact:
    n = next(_number)
    return Contact.objects.create(
        **{"mentor": mentor, "name": f"Kari Nr{n}", "email": f"kari{n}@example.org", "language": "en", **fields}
    )


def make_activity(mentor: PeerMentor, *, completed_at: datetime = NOW, **fields) -> Activity:
    return Activity.objects.create(
        **{
            "activity_id": f"act_{next(_number)}",
            "mentor": mentor,
            "activity_type": "visit",
            "completed_at": completed_at,
            "recorded_at": completed_at,
            **fields,
        }
    )


def make_certification(mentor: PeerMentor, *, expires_at: datetime, **fields) -> Certification:
    return Certification.objects.create(
        **{"mentor": mentor, "kind": "Basic course", "expires_at": expires_at, "recorded_at": LONG_AGO, **fields}
    )


def make_membership(mentor: PeerMentor, chapter: Chapter, **fields) -> Membership:
    return Membership.objects.create(
        **{"mentor": mentor, "chapter": chapter, "starts_at": LONG_AGO, "recorded_at": LONG_AGO, **fields}
    )


def make_pause(mentor: PeerMentor, *, starts_at: datetime, ends_at: datetime | None = None, **fields) -> Pause:
    return Pause.objects.create(
        **{"mentor": mentor, "starts_at": starts_at, "ends_at": ends_at, "recorded_at": starts_at, **fields}
    )


def make_opt_out(mentor: PeerMentor, trigger_type: str = "", **fields) -> OptOut:
    return OptOut.objects.create(**{"mentor": mentor, "trigger_type": trigger_type, "recorded_at": LONG_AGO, **fields})


def make_human_contact(mentor: PeerMentor, *, contacted_at: datetime, **fields) -> HumanContact:
    return HumanContact.objects.create(
        **{"mentor": mentor, "contacted_at": contacted_at, "recorded_at": contacted_at, **fields}
    )


def make_template(**fields) -> PromptTemplate:
    """Make a brief with one approved English wording."""
    n = next(_number)
    template = PromptTemplate.objects.create(**{"name": f"Brief {n}", "purpose": "Say hello.", **fields})
    Variant.objects.create(
        template=template,
        language="en",
        subject="Hello $first_name",
        body="Dear $first_name, it has been $days days.",
        state="approved",
        approved_at=LONG_AGO,
    )
    return template


def make_rule(trigger_type: str = "inactivity", *, valid_from: datetime = LONG_AGO, **fields) -> Rule:
    """Make a rule with its first version: 14 days of inactivity, cooldown 30 days, unless said otherwise."""
    n = next(_number)
    trigger = triggers.get(trigger_type)
    threshold = 30 if trigger_type == "certification_expiry" else 14
    fields = {
        "name": f"Rule {n}",
        "scenario_id": f"scenario_{n}",
        "trigger_type": trigger_type,
        "threshold_days": threshold if trigger.needs_threshold else None,
        "judged": "daily" if "daily" in trigger.judged else "activity",
        "parameters": PARAMETERS.get(trigger_type, {}),
        "cooldown_days": 30,
        "state": "on",
        **fields,
    }
    if "prompt_template" not in fields:
        fields["prompt_template"] = make_template()
    rule = Rule.objects.create(**fields)
    RuleVersion.objects.create(rule=rule, number=1, valid_from=valid_from, **rule.terms())
    return rule
