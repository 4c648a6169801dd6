"""What a mentor's page shows below the form: what was decided about them and why, and what they did lately."""

from django.urls import reverse

from scenarios import engine
from scenarios.admin.base import address_of
from scenarios.admin.decisions import outcome_badge
from scenarios.models import PeerMentor

from .named import name_for
from .situation import situation_badge, with_situation

SHOWN = 20


def mentor_page(mentor: PeerMentor, *, now, user) -> dict:
    may_see = user.has_perm
    known = with_situation(PeerMentor.objects.filter(pk=mentor.pk), now).get()
    page = {"name": name_for(user, mentor), "mentor": mentor, "situation": situation_badge(known, now)}
    if may_see("scenarios.view_decision"):
        page["decisions"] = decisions_of(mentor)
        page["decisions_url"] = f"{reverse('admin:scenarios_decision_changelist')}?mentor={mentor.pk}"
    if may_see("scenarios.view_activity"):
        page["activities"] = activities_of(mentor)
        page["add_activity_url"] = (
            f"{reverse('admin:scenarios_activity_add')}?mentor={mentor.pk}" if may_see("scenarios.add_activity") else ""
        )
    return page


def decisions_of(mentor: PeerMentor) -> list[dict]:
    latest = mentor.decisions.select_related("rule", "rule_version", "organization").order_by("-decided_at")[:SHOWN]
    return [
        {
            "url": address_of("scenarios_decision", decision.pk),
            "decided_at": decision.decided_at,
            "rule": decision.rule.name,
            "badge": outcome_badge(decision),
            "sentence": engine.explain(decision),
        }
        for decision in latest
    ]


def activities_of(mentor: PeerMentor) -> list[dict]:
    latest = mentor.activities.standing().select_related("chapter").order_by("-completed_at")[:SHOWN]
    return [
        {
            "url": address_of("scenarios_activity", activity.pk),
            "completed_at": activity.completed_at,
            "activity_type": activity.activity_type,
            "minutes": activity.duration_seconds // 60 if activity.duration_seconds is not None else None,
            "chapter": activity.chapter,
        }
        for activity in latest
    ]
