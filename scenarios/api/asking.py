"""Find what a body names, and say in HTTP what a verb says in exceptions."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError

from config.api.refusals import Conflict

from .. import operations
from ..models import Activity, Chapter, PeerMentor, Rule
from ..models.rules import Judged
from .activities import proposed
from .filters import unknown_chapter


@contextmanager
def problems_answered() -> Iterator[None]:
    try:
        yield
    except operations.EvaluationNotFound as problem:
        raise NotFound(str(problem)) from problem
    except (operations.StatusConflict, operations.ActivityConflict, operations.FactConflict) as problem:
        raise Conflict(str(problem)) from problem


def to_evaluate(asked: dict) -> tuple[Activity, Chapter]:
    """Return the proposed activity and its chapter. Raise ValidationError by field, all at once."""
    said = asked["activity"]
    chapter = Chapter.objects.filter(pk=asked["chapter_id"]).first()
    mentor = mentor_called(said["user_id"])
    problems: dict = {}
    if chapter is None:
        problems["chapter_id"] = [unknown_chapter(asked["chapter_id"])]
    if mentor is None:
        problems["activity"] = {"user_id": [unknown_mentor(said["user_id"])]}
    elif chapter and chapter.organization_id != mentor.organization_id:
        problems["activity"] = {"user_id": [_("This mentor belongs to another organisation than the chapter.")]}
    if problems or mentor is None or chapter is None:
        raise ValidationError(problems)
    return proposed(said, mentor, chapter.pk), chapter


def to_check(asked: dict) -> tuple[Rule, Activity]:
    """Return the rule and the proposed activity. Raise NotFound or ValidationError by field."""
    rule = Rule.objects.filter(pk=asked["rule_id"]).first()
    if rule is None:
        raise NotFound({"rule_id": [_("There is no rule “%(id)s”.") % {"id": asked["rule_id"]}]})
    said = asked["activity"]
    mentor = mentor_called(said["user_id"])
    problems: dict = {}
    if rule.judged != Judged.ACTIVITY:
        problems["rule_id"] = [_("This rule is judged every day, not on an activity.")]
    if mentor is None:
        problems["activity"] = {"user_id": [unknown_mentor(said["user_id"])]}
    if problems or mentor is None:
        raise ValidationError(problems)
    return rule, proposed(said, mentor)


def mentor_called(user_id: str) -> PeerMentor | None:
    return PeerMentor.objects.filter(user_id=user_id).first()


def unknown_mentor(user_id: str) -> str:
    return _("There is no peer mentor “%(id)s”.") % {"id": user_id}
