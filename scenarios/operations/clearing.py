"""Whether what a run decided may be told: one clearance for each organisation of the run, held by the brake or not."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from .. import brake, signals
from ..models import Clearance, Decision, Organization
from ..models.decisions import Reason
from .counting import Numbers, Part, parts_of

log = logging.getLogger(__name__)
Status = Clearance.Status

COLUMNS = ("active_mentors", "told", "usual", "told_by_scenario", "newest_fact_at")


@transaction.atomic
def clear_run(run_id: str, *, now: datetime, whole: bool = True) -> list[Clearance]:
    """Judge each organisation's part of a run, and ring once that is committed; return the parts that are held.

    `whole`: also organisations about whose active mentors nothing was decided, so that it is known what is usual.
    Called again for what was added to a run, it judges by what the run comes to by then: a part that was cleared may be
    held; one that a person has released stays so; what is added to one that was given up is withdrawn.
    """
    rows = {row.organization_id: row for row in Clearance.objects.select_for_update().filter(run_id=run_id)}
    known = {pk: row.active_mentors for pk, row in rows.items()}
    parts, findings = _weigh(run_id, now=now, whole=whole, known=known)
    for pk, part in parts.items():
        row = rows.setdefault(pk, Clearance(run_id=run_id, organization_id=pk, status=Status.CLEARED, judged_at=now))
        _judge(row, part, findings.get(pk), now)
    new = [row for row in rows.values() if row.pk is None]
    Clearance.objects.bulk_update(
        [row for pk, row in rows.items() if pk in parts and row.pk], ["status", "explanation", "judged_at", *COLUMNS]
    )
    Clearance.objects.bulk_create(new, ignore_conflicts=True)
    _withdraw(run_id, [pk for pk in parts if rows[pk].status in Clearance.GIVEN_UP], reason=Reason.HELD, now=now)
    transaction.on_commit(lambda: signals.due.send(sender=None))
    return [row for row in rows.values() if row.status == Status.HELD]


def _weigh(run_id: str, *, now: datetime, whole: bool, known: Numbers) -> tuple[dict[str, Part], dict[str, str]]:
    """Return the parts of a run, and what is wrong with them, by organisation.

    Where the brake itself goes wrong, everything waits for a person: a run must come to its end all the same.
    """
    try:
        with transaction.atomic():
            parts = parts_of(run_id, now=now, whole=whole, known=known)
            found = {pk: part.finding(now) for pk, part in parts.items()}
            return parts, {pk: str(finding) for pk, finding in found.items() if finding}
    except Exception as error:  # the boundary of the brake
        if isinstance(error, OperationalError | InterfaceError) and not isinstance(error.__cause__, QueryCanceled):
            raise  # PostgreSQL is away, or broke a deadlock: the whole transaction is done again
        log.exception("run %s could not be compared with what is usual", run_id)
        decided = Decision.objects.filter(run_id=run_id, outcome=Decision.Outcome.PENDING)
        organizations = Organization.objects.filter(pk__in=decided.values("organization_id"))
        parts = {organization.pk: Part(organization) for organization in organizations}
        return parts, dict.fromkeys(parts, _("It could not be compared with what is usual. Please look for yourself."))


def _judge(row: Clearance, part: Part, wrong: str | None, now: datetime) -> None:
    """Write the numbers of a part on its clearance, and hold it where something is wrong with it."""
    row.active_mentors, row.newest_fact_at = part.active, part.newest
    row.told, row.told_by_scenario = part.told.total(), dict(part.told)
    row.usual = brake.usual(part.past)
    if row.status == Status.CLEARED and wrong:
        row.status, row.explanation, row.judged_at = Status.HELD, wrong, now
        log.warning("run %s is held in %s", row.run_id, row.organization_id)


def withdraw_run(run_id: str, *, reason: str = Reason.RUN_CANCELLED, now: datetime) -> int:
    """Withdraw everything of the run that hasn't been cleared; return how many decisions that were."""
    cleared = Clearance.objects.filter(
        run_id=OuterRef("run_id"), organization=OuterRef("organization"), status__in=Clearance.TELLING
    )
    return Decision.objects.filter(~Exists(cleared), run_id=run_id, outcome=Decision.Outcome.PENDING).update(
        outcome=Decision.Outcome.WITHDRAWN, outcome_reason=reason, settled_at=now
    )


def _withdraw(run_id: str, organizations: Iterable[str], *, reason: str, now: datetime) -> None:
    if organizations:
        Decision.objects.filter(run_id=run_id, organization__in=organizations, outcome=Decision.Outcome.PENDING).update(
            outcome=Decision.Outcome.WITHDRAWN, outcome_reason=reason, settled_at=now
        )
