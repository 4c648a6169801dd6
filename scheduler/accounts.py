"""The account of a mentor's day, with what only the runs know: who could not be evaluated, and what was skipped."""

from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from scenarios.models import PeerMentor
from scenarios.what_if import Account, replay

from .models import Batch, Run


def account_of(mentor: PeerMentor, day: date, instant: datetime, *, now: datetime) -> Account:
    """Return how every rule came to its answer about a mentor at the instant at which a local date was weighed."""
    account = replay(mentor, instant=instant, now=now)
    return replace(account, not_weighed=account.not_weighed or _what_the_run_says(mentor, day, instant))


def _what_the_run_says(mentor: PeerMentor, day: date, instant: datetime) -> str:
    if _gave_up_on(mentor, instant):
        return _("Not weighed: could not be evaluated, and the coordinators were told so (evaluation_error).")
    if Run.objects.filter(invoked_at=instant).exclude(status=Run.Status.SKIPPED).exists():
        return ""
    skipped = Run.objects.filter(slot_date=day, status=Run.Status.SKIPPED).first()
    return _("Not weighed: the run was skipped. %(why)s") % {"why": skipped.error_message} if skipped else ""


def _gave_up_on(mentor: PeerMentor, instant: datetime) -> bool:
    """Tell whether a run at this instant gave up a batch with this mentor in it."""
    failed = Batch.objects.filter(status=Batch.Status.FAILED, lo__lte=mentor.pk, hi__gte=mentor.pk)
    return failed.filter(run__invoked_at=instant).exists()
