"""Whom a rule would touch if it were saved now: in numbers, by name, and at other numbers of days.

A rule that waits for activities is tried on those that were logged lately.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from scenarios import what_if
from scenarios.engine import reason_sentence
from scenarios.models import Rule, RuleVersion
from scenarios.models.rules import Judged, RuleState

from .people import who_are

# The API asks for the same.
NEEDED = ("scenarios.view_rule", "scenarios.view_decision", "scenarios.view_peermentor")
MOST_SHOWN = 100
MOST_DAYS = 3650


def preview_page(rule: Rule, *, user, now: datetime) -> dict:
    """Return what a rule as it was filled in would do. Nothing is saved."""
    page = {"does": rule.sentence, "off": not rule.is_on, "daily": rule.judged == Judged.DAILY}
    if page["daily"]:
        rows = what_if.preview(draft_of(rule), now=now)
    else:
        tried = what_if.try_on_activities(draft_of(rule), now=now)
        rows = tried.rows
        page |= {"weighed": tried.weighed, "logged": tried.total, "days": what_if.TRIED_DAYS}
    return page | {
        **counted(rows),
        "rows": by_name(rows, user=user, now=now),
        "left_out": max(len(rows) - MOST_SHOWN, 0),
        "thresholds": at_other_thresholds(rule, len(rows), now=now),
    }


def draft_of(rule: Rule) -> RuleVersion:
    """Return a version that is not saved of what a rule says, as if the rule were on."""
    return RuleVersion(rule_id=rule.pk, number=0, **{**rule.terms(), "state": RuleState.ON})


def counted(rows: Sequence[what_if.WouldHear]) -> dict:
    """Count who would be told, and who wouldn't by the reason in words."""
    reasons = Counter(row.reason for row in rows)
    told = reasons.pop("", 0)
    held_back = [(reason_sentence(reason), count) for reason, count in reasons.most_common()]
    return {"fires": len(rows), "told": told, "held": len(rows) - told, "held_back": held_back}


def by_name(rows: Sequence[what_if.WouldHear], *, user, now: datetime) -> list[dict]:
    """Return the first rows with names, those who would be told before the others."""
    shown = sorted(rows, key=lambda row: bool(row.reason))[:MOST_SHOWN]
    people = who_are((row.mentor_id for row in shown), user=user, now=now)
    return [
        {
            **people[row.mentor_id],
            "sentence": row.sentence,
            "on": row.logged_at and row.logged_at.astimezone(row.organization.zone).date(),
            "why_not": reason_sentence(row.reason) if row.reason else "",
        }
        for row in shown
    ]


def at_other_thresholds(rule: Rule, fires: int, *, now: datetime) -> list[dict]:
    """Return how often the rule would fire at half, one and one and a half times its number of days."""
    if not rule.trigger.needs_threshold or not (days := rule.threshold_days):
        return []
    half = max(days // 2, 1)
    counts = {days: fires}
    for other in {half, min(days + half, MOST_DAYS)} - {days}:
        draft = draft_of(rule)
        draft.threshold_days = other
        counts[other] = len(what_if.preview(draft, now=now))
    return [{"days": number, "fires": counts[number], "asked": number == days} for number in sorted(counts)]
