"""The second contract's address, and what is posted there."""

from itertools import count

from scenarios.models import Evaluation
from tests.factories import NOW, make_activity, make_chapter, make_mentor

EVALUATIONS = "/api/v1/scenario-evaluations"

_number = count(1)


def make_evaluation(**fields) -> Evaluation:
    """Make a record of an evaluation in which nothing was judged; its activity is a new one unless said otherwise."""
    chapter = fields.pop("chapter", None) or make_chapter()
    activity = fields.pop("activity", None) or make_activity(make_mentor(chapter.organization))
    fields = {"id": f"eval_{next(_number):04}", "evaluated_at": NOW, **fields}
    return Evaluation.objects.create(chapter=chapter, activity=activity, **fields)


def posted(mentor, chapter, **said) -> dict:
    """Return a body that evaluates an activity of the mentor, completed at NOW."""
    return {"chapter_id": chapter.pk, "activity": activity_of(mentor, **said)}


def activity_of(mentor, **said) -> dict:
    return {
        "id": "act_posted",
        "user_id": mentor.user_id,
        "activity_type": "run",
        "completed_at": "2026-03-25T11:00:00Z",
        **said,
    }
