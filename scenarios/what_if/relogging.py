"""Which activities were logged before, each at the moment when it became known, and which rules were there then."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ..engine import in_force
from ..models import Activity, Chapter, Evaluation, Membership, RuleVersion

# From the first instant until before the second.
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Logging:
    """One activity that became known, the chapter for which it is judged, and its evaluation if there was one."""

    at: datetime
    activity: Activity
    chapter: Chapter | None
    evaluation: Evaluation | None = None


@dataclass(frozen=True)
class Loggings:
    """The newest activities of a time, oldest first, and how many there were in all."""

    newest: Sequence[Logging]
    total: int


def loggings(
    window: Window,
    *,
    most: int,
    all_of_them: bool = False,
    hindsight: bool = False,
    scope: RuleVersion | None = None,
) -> Loggings:
    """Return what was evaluated in this time, at most the newest so many.

    With `all_of_them` those too that nobody has had evaluated, when they were recorded. With `hindsight` without what
    was taken back since. `scope` is a rule: only what was logged where it holds.
    """
    evaluated = _evaluated(window)
    unheard: QuerySet[Any] = _never_evaluated(window) if all_of_them else Activity.objects.none()
    if hindsight:
        evaluated = evaluated.filter(activity__withdrawn_at__isnull=True)
        unheard = unheard.filter(withdrawn_at__isnull=True)
    if scope and scope.chapter_id:
        evaluated, unheard = evaluated.filter(chapter=scope.chapter_id), unheard.filter(posted_for=scope.chapter_id)
    elif scope and scope.organization_id:
        evaluated = evaluated.filter(chapter__organization=scope.organization_id)
        unheard = unheard.filter(mentor__organization=scope.organization_id)
    newest = sorted(
        chain(map(_once_evaluated, evaluated[:most]), _first_recorded(unheard[:most])),
        key=lambda logging: (logging.at, logging.activity.pk),
    )
    return Loggings(newest[-most:], evaluated.count() + unheard.count())


def _evaluated(window: Window) -> QuerySet[Evaluation]:
    evaluations = Evaluation.objects.filter(evaluated_at__gte=window[0], evaluated_at__lt=window[1])
    judged = evaluations.exclude(status=Evaluation.Status.FAILED).select_related("activity", "chapter")
    return judged.order_by("-evaluated_at", "-id")


def _never_evaluated(window: Window) -> QuerySet[Any]:
    """Return activities as they were first recorded: a correction is no second activity.

    Each is taken as posted for its chapter, or else for the one to which its mentor belonged for longest.
    """
    belonging = Membership.objects.standing().filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=OuterRef("recorded_at")),
        mentor=OuterRef("mentor"),
        starts_at__lte=OuterRef("recorded_at"),
    )
    longest = Subquery(belonging.order_by("starts_at", "id").values("chapter")[:1])
    same = Activity.objects.filter(activity_id=OuterRef("activity_id"))
    activities = Activity.objects.annotate(posted_for=Coalesce("chapter_id", longest, output_field=CharField())).filter(
        ~Exists(same.filter(recorded_at__lt=OuterRef("recorded_at"))),
        ~Exists(Evaluation.objects.filter(activity__activity_id=OuterRef("activity_id")).exclude(status="failed")),
        recorded_at__gte=window[0],
        recorded_at__lt=window[1],
    )
    return activities.order_by("-recorded_at", "-id")


def _once_evaluated(evaluation: Evaluation) -> Logging:
    return Logging(evaluation.evaluated_at, evaluation.activity, evaluation.chapter, evaluation)


def _first_recorded(activities: QuerySet[Any]) -> list[Logging]:
    found = list(activities)
    chapters = Chapter.objects.in_bulk({activity.posted_for for activity in found} - {None})
    return [Logging(activity.recorded_at, activity, chapters.get(activity.posted_for)) for activity in found]


class Rules:
    """The rules in force at each moment, read once for each of their states."""

    def __init__(self, draft: RuleVersion | None):
        self._draft = draft
        changes = RuleVersion.objects.values_list("valid_from", "valid_until")
        self._changes = sorted({at for change in changes for at in change if at})
        self._states: dict[int, list[RuleVersion]] = {}

    def at(self, moment: datetime) -> list[RuleVersion]:
        """Return them with the draft in the place of its rule."""
        state = bisect_right(self._changes, moment)
        if state not in self._states:
            self._states[state] = with_draft(in_force(moment), self._draft)
        return self._states[state]


def with_draft(versions: Sequence[RuleVersion], draft: RuleVersion | None) -> list[RuleVersion]:
    """Put a draft in the place of its rule."""
    if draft is None:
        return list(versions)
    return [*(version for version in versions if version.rule_id != draft.rule_id), draft]
