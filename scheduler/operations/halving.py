"""What becomes of a batch that fails each time: it is halved until the one mentor who causes it stands alone."""

from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scenarios.models import PeerMentor

from .. import splitting
from ..models import Batch, Run
from .problems import RunStopped

MOST_STARTS = 5
# A half is tried once before it is halved itself, a mentor alone as often as any batch.
HALF_STARTS = MOST_STARTS - 1
# Where so many have failed alone, it isn't the mentors: the rest is given up whole.
MOST_ALONE = 20


def can_be_halved(batch: Batch) -> bool:
    if batch.lo is None or batch.lo == batch.hi or not _mentor_ids(batch).exists():
        return False
    unfinished = Batch.objects.filter(run=batch.run_id, status__in=[Batch.Status.PENDING, Batch.Status.FAILED])
    return unfinished.filter(lo=F("hi"), starts__gte=1).count() < MOST_ALONE


def halve(batch: Batch, *, now: datetime) -> None:
    """Put two halves in the place of a batch whose row is locked. Raises RunStopped where its run isn't running."""
    run = Run.objects.select_for_update().filter(pk=batch.run_id, status=Run.Status.RUNNING).first()
    if run is None:
        raise RunStopped(batch.run_id)
    ids = _mentor_ids(batch)
    middle = ids[(ids.count() - 1) // 2]
    upper = Batch(run=run, index=splitting.last_index(run) + 1, lo=ids.filter(id__gt=middle).first(), hi=batch.hi)
    upper.as_of = batch.as_of
    batch.lo, batch.hi = ids[0], middle
    if upper.lo is not None:
        upper.starts = _starts(upper)
        upper.save()
        run.batches_total += 1
        run.save(update_fields=["batches_total"])
    batch.starts, batch.last_error = _starts(batch), ""
    batch.save(update_fields=["lo", "hi", "starts", "last_error"])


def _starts(half: Batch) -> int:
    return 0 if half.lo == half.hi else HALF_STARTS


def _mentor_ids(batch: Batch) -> QuerySet:
    """Return the ids of the mentors in a range; the gaps between them need no batches."""
    return PeerMentor.objects.filter(id__range=(batch.lo, batch.hi)).order_by("id").values_list("id", flat=True)


def what_failed(run: Run) -> tuple[int, str]:
    """Return how many batches of the run were given up, and say so in a sentence that names who stood alone."""
    failed = list(run.batches.filter(status=Batch.Status.FAILED).order_by("index").values_list("lo", "hi"))
    alone = [lo for lo, hi in failed if lo is not None and lo == hi]
    sentences = []
    if alone:
        names = PeerMentor.objects.filter(pk__in=alone).order_by("pk").values_list("user_id", flat=True)
        sentences.append(_("Could not be evaluated: %(names)s.") % {"names": ", ".join(names)})
    if whole := len(failed) - len(alone):
        sentences.append(
            ngettext("%(count)d batch could not be evaluated.", "%(count)d batches could not be evaluated.", whole)
            % {"count": whole}
        )
    return len(failed), " ".join(sentences)
