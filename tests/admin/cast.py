"""Rows for every page of the admin: `MAKERS[model](n)` makes the n-th row of a model with all that it needs."""

from datetime import timedelta
from itertools import count

from django.contrib.auth.models import Group, User
from django.db.models import Model

from notifications.models import ChannelSetting, Contact, Notification, Variant
from scenarios import models as s
from scheduler.models import Batch, Heartbeat, Incident, Job, Notice, Run
from tests.factories import (
    NOW,
    days,
    make_activity,
    make_certification,
    make_chapter,
    make_contact,
    make_human_contact,
    make_membership,
    make_mentor,
    make_opt_out,
    make_organization,
    make_pause,
    make_rule,
    make_template,
)

_number = count(1)


def make_user(**fields) -> User:
    return User.objects.create_user(**{"username": f"user{next(_number)}", "password": "x", **fields})


def make_named_mentor(**fields) -> s.PeerMentor:
    mentor = make_mentor(idle_for=days(20), **fields)
    make_contact(mentor)
    make_membership(mentor, make_chapter(mentor.organization))
    return mentor


def make_run(**fields) -> Run:
    return Run.objects.create(**{"status": "success", "invoked_at": NOW, "finished_at": NOW, **fields})


def make_batch(run: Run | None = None, **fields) -> Batch:
    n = next(_number)
    run = run or make_run(id=f"run_of_batch_{n}")
    return Batch.objects.create(**{"run": run, "index": n, "lo": 1, "hi": 50, "as_of": NOW, **fields})


def make_evaluation(**fields) -> s.Evaluation:
    mentor = make_named_mentor()
    activity = make_activity(mentor)
    return s.Evaluation.objects.create(
        **{"chapter": make_chapter(mentor.organization), "activity": activity, "evaluated_at": NOW, **fields}
    )


def make_decision(mentor: s.PeerMentor | None = None, **fields) -> s.Decision:
    mentor = mentor or make_named_mentor()
    rule = fields.pop("rule", None) or make_rule()
    return s.Decision.objects.create(
        **{
            "mentor": mentor,
            "organization": mentor.organization,
            "rule": rule,
            "rule_version": rule.versions.get(),
            "occasion": f"occasion {next(_number)}",
            "readings": {"from": (NOW - days(20)).isoformat(), "to": NOW.isoformat()},
            "run_id": "run_1",
            "instant": NOW,
            "known_at": NOW,
            "decided_at": NOW,
            "scheduled_for": NOW,
            "outcome": "told",
            "settled_at": NOW,
            **fields,
        }
    )


def make_notification(**fields) -> Notification:
    decision = make_decision()
    return Notification.objects.create(
        **{
            "decision": decision,
            "mentor": decision.mentor,
            "channel": "email",
            "variant": Variant.objects.filter(template=decision.rule.prompt_template).first(),
            "language": "en",
            "subject": "How are you?",
            "body": "Dear Kari",
            "status": "sent",
            "created_at": NOW,
            "due_at": NOW,
            "finished_at": NOW,
            "message_id": f"<{decision.pk}@example.org>",
            **fields,
        }
    )


def make_clearance(n: int) -> s.Clearance:
    return s.Clearance.objects.create(
        run_id=f"run_{n}", organization=make_organization(), status="held", explanation="Unusually many.", judged_at=NOW
    )


def make_incident(n: int) -> Incident:
    return Incident.objects.create(kind="failed", run=make_run(id=f"run_i{n}"), message="It broke.", opened_at=NOW)


def make_notice(**fields) -> Notice:
    incident = fields.pop("incident", None) or make_incident(next(_number))
    return Notice.objects.create(
        **{"what": "opened", "channel": "email", "incident": incident, "made_at": NOW, "due_at": NOW, **fields}
    )


def make_heartbeat(**fields) -> Heartbeat:
    return Heartbeat.objects.create(
        **{"key": f"host:{next(_number)}", "kind": "worker", "started_at": NOW, "seen_at": NOW, **fields}
    )


def make_scope(n: int) -> s.StaffScope:
    return s.StaffScope.objects.create(user=make_user(), organization=make_organization())


MAKERS = {
    User: lambda n: make_user(),
    Group: lambda n: Group.objects.create(name=f"Group {n}"),
    s.Organization: lambda n: make_organization(),
    s.ActivitiesKnownSince: lambda n: s.ActivitiesKnownSince.objects.create(
        organization=make_organization(), known_since=NOW.date(), recorded_at=NOW
    ),
    s.Chapter: lambda n: make_chapter(),
    s.StaffScope: make_scope,
    s.PeerMentor: lambda n: make_named_mentor(),
    s.Membership: lambda n: make_membership(mentor := make_named_mentor(), make_chapter(mentor.organization)),
    s.Pause: lambda n: make_pause(make_named_mentor(), starts_at=NOW - days(3)),
    s.OptOut: lambda n: make_opt_out(make_named_mentor()),
    s.HumanContact: lambda n: make_human_contact(make_named_mentor(), contacted_at=NOW, contacted_by=make_user()),
    s.Activity: lambda n: make_activity(mentor := make_named_mentor(), chapter=make_chapter(mentor.organization)),
    s.Certification: lambda n: make_certification(make_named_mentor(), expires_at=NOW + days(20)),
    s.PromptTemplate: lambda n: make_template(),
    s.Rule: lambda n: make_rule(organization=make_organization()),
    s.RuleVersion: lambda n: make_rule(organization=make_organization()).versions.get(),
    s.Evaluation: lambda n: make_evaluation(),
    s.Decision: lambda n: make_decision(),
    s.Clearance: make_clearance,
    Run: lambda n: make_run(invoked_at=NOW - timedelta(minutes=n)),
    Batch: lambda n: make_batch(),
    Incident: make_incident,
    Notice: lambda n: make_notice(),
    Heartbeat: lambda n: make_heartbeat(),
    Job: lambda n: Job.objects.create(kind="backtest", question={"days": 7}, created_at=NOW),
    Contact: lambda n: make_named_mentor().contact,
    Variant: lambda n: make_template().variants.get(),
    ChannelSetting: lambda n: ChannelSetting.objects.create(organization=make_organization(), channel="email"),
    Notification: lambda n: make_notification(),
}

MACHINE_MADE = {
    *(s.ActivitiesKnownSince, s.RuleVersion, s.Evaluation, s.Decision, s.Clearance),
    *(Run, Batch, Incident, Notice, Heartbeat, Job, Contact, Notification),
}


def make(model: type[Model], number: int = 1) -> Model:
    """Make so many rows of a model, and return the last."""
    rows = [MAKERS[model](next(_number)) for _n in range(number)]
    return rows[-1]
