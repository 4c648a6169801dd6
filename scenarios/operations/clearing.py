"""Whether what a run decided may be told: one clearance for each organisation of the run."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from .. import signals
from ..models import Clearance, Decision
from ..models.decisions import Reason


def clear_run(run_id: str, *, now: datetime) -> None:
    """Clear every organisation in which the run decided something, and ring once that is committed."""
    organizations = Decision.objects.filter(run_id=run_id).order_by().values_list("organization_id", flat=True)
    Clearance.objects.bulk_create(
        [
            Clearance(run_id=run_id, organization_id=organization, status=Clearance.Status.CLEARED, judged_at=now)
            for organization in organizations.distinct()
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: signals.due.send(sender=None))


def withdraw_run(run_id: str, *, reason: str = Reason.RUN_CANCELLED, now: datetime) -> int:
    """Withdraw everything of the run that hasn't been cleared; return how many decisions that were."""
    cleared = Clearance.objects.filter(
        run_id=OuterRef("run_id"), organization=OuterRef("organization"), status__in=Clearance.TELLING
    )
    return Decision.objects.filter(~Exists(cleared), run_id=run_id, outcome=Decision.Outcome.PENDING).update(
        outcome=Decision.Outcome.WITHDRAWN, outcome_reason=reason, settled_at=now
    )
