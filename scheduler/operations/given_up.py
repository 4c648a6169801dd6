"""Messages that a run decided and that were given up before they were released: nobody is told, so they don't count."""

from django.db.models import F, Value
from django.db.models.functions import Greatest

from scenarios.models import Decision
from scenarios.models.decisions import Reason

from ..models import Run

# A person discarded them or stopped the run, nobody released them in time, or messages were off.
GIVEN_UP = (Reason.HELD, Reason.EXPIRED, Reason.RUN_CANCELLED, Reason.SWITCHED_OFF)


def recount(run: Run) -> None:
    """Take what was given up out of the number of messages of a run, whose row is locked. Counted twice, it is once."""
    given_up = Decision.objects.filter(
        run_id=run.pk, outcome=Decision.Outcome.WITHDRAWN, outcome_reason__in=GIVEN_UP
    ).count()
    if given_up == run.notifications_given_up:
        return
    Run.objects.filter(pk=run.pk).update(
        notifications_dispatched=Greatest(
            F("notifications_dispatched") + F("notifications_given_up") - given_up, Value(0)
        ),
        notifications_given_up=given_up,
    )
    run.refresh_from_db(fields=["notifications_dispatched", "notifications_given_up"])
