"""Judge one just-logged activity, now: store it, decide, and keep a record that can be looked up."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from .. import signals
from ..engine import Frame, Logged, judge, rules_for_activities
from ..models import Activity, Chapter, Evaluation, Rule
from .deciding import Origin, record
from .facts import store_once

log = logging.getLogger(__name__)

# What an activity says; the same id with other words is a conflict. The chapter isn't among it: it is what the activity
# is evaluated for, and somebody who belongs to two may have it evaluated for both.
SAYS = (
    "mentor_id",
    "activity_type",
    "distance_meters",
    "duration_seconds",
    "completed_at",
    "contact_id",
    "contact_type",
    "wellbeing_flags",
    "is_group",
    "participants",
)


class ActivityConflict(Exception):
    """An activity with this id is already logged and says something else."""


@transaction.atomic
def log_activity(proposed: Activity, *, now: datetime) -> Activity:
    """Store an activity once; the same one again is the stored one. Raises ActivityConflict or FactConflict."""
    proposed.recorded_at = now
    stored = store_once([proposed])[proposed.activity_id]
    if any(getattr(stored, field) != getattr(proposed, field) for field in SAYS):
        raise ActivityConflict(
            _("The activity “%(id)s” is already logged, with other fields.") % {"id": proposed.activity_id}
        )
    return stored


@transaction.atomic
def evaluate_activity(proposed: Activity, chapter: Chapter, *, now: datetime) -> Evaluation:
    """Store the activity, judge it by the rules of the chapter, and record the evaluation with its decisions.

    An error inside the judging keeps the activity and a record that says `failed`; evaluating again tries again.
    Raises ActivityConflict or FactConflict.
    """
    activity = log_activity(proposed, now=now)
    try:
        with transaction.atomic():
            return _evaluate(activity, chapter, now)
    except Exception as error:  # the boundary of one evaluation: what was posted is not lost
        log.exception("activity %s could not be evaluated", activity.activity_id)
        return Evaluation.objects.create(
            chapter=chapter,
            activity=activity,
            evaluated_at=now,
            status=Evaluation.Status.FAILED,
            error_message=f"{type(error).__name__}: {error}"[:1000],
        )


def _evaluate(activity: Activity, chapter: Chapter, now: datetime) -> Evaluation:
    frame = Frame(instant=activity.completed_at, known_at=now, decided_at=now)
    versions = rules_for_activities(now, chapter)
    hits = judge(versions, Logged(activity.mentor_id, activity, chapter.pk), frame)
    evaluation = Evaluation.objects.create(
        chapter=chapter,
        activity=activity,
        evaluated_at=now,
        rules_evaluated=len(versions),
        triggered_count=len(hits),
    )
    reasons = record(hits, frame, Origin(evaluation_id=evaluation.pk))
    if "" in reasons:
        transaction.on_commit(lambda: signals.due.send(sender=None))
    return evaluation


@dataclass(frozen=True)
class TriggerCheck:
    """Whether one rule matches one activity, and whether that is within the rule's delay window.

    The window runs from the anchor to `expires_at`, both ends included.
    """

    matches: bool
    within_window: bool
    expires_at: datetime

    @property
    def should_trigger(self) -> bool:
        return self.matches and self.within_window


def check_trigger(rule: Rule, proposed: Activity, *, anchor: datetime | None = None, now: datetime) -> TriggerCheck:
    """Judge a proposed activity by one rule, whatever chapter it belongs to; nothing is written."""
    version = rule.versions.get(valid_until__isnull=True)
    frame = Frame(instant=proposed.completed_at, known_at=now, decided_at=now)
    share = Logged(proposed.mentor_id, proposed, version.chapter_id or "")
    hits = judge([version], share, frame, only=[version])
    begins = anchor or proposed.completed_at
    expires = begins + timedelta(hours=version.delay_hours)
    return TriggerCheck(bool(hits), begins <= proposed.completed_at <= expires, expires)
