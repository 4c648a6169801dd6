"""Facts are added and withdrawn, never overwritten, so that any past day can still be asked what was known."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ..models import Organization
from ..models.facts import ActivitiesKnownSince, Fact, Pause

AnyFact = TypeVar("AnyFact", bound=Fact)
# Each further try means that somebody else was faster once more.
MOST_TRIES = 100


class FactConflict(Exception):
    """Some of what was given contradicts what is stored; a sentence for each, by its index."""

    def __init__(self, sentences: dict[int, str]):
        super().__init__(" ".join(sentences.values()))
        self.sentences = sentences


@transaction.atomic
def amend(fact: AnyFact, *, now: datetime) -> AnyFact:
    """Store an edited fact: withdraw the row it came from, insert what it says now, return the new row.

    Raises `Fact.DoesNotExist` when the row was withdrawn by somebody else in the meantime.
    """
    withdraw(fact, now=now)
    fact.pk = None
    fact._state.adding = True
    fact.recorded_at = now
    fact.withdrawn_at = None
    fact.save()
    return fact


@transaction.atomic
def withdraw(fact: Fact, *, now: datetime) -> None:
    """Take back this row as of now. Raises `Fact.DoesNotExist` when it doesn't stand any more."""
    standing = type(fact).objects.standing().select_for_update().get(pk=fact.pk)
    # A clock that went back, or a fact recorded for later, must not end before it began.
    standing.withdrawn_at = max(now, standing.recorded_at)
    standing.save(update_fields=["withdrawn_at"])


@transaction.atomic
def state_known_since(organization: Organization, known_since: date | None, *, by=None, now: datetime) -> None:
    """Record from which day on the log holds every activity; None: nobody knows any more.

    It is said of the mentors that are there now. The statement before is withdrawn.
    """
    # The lock keeps two who state something at once in order.
    Organization.objects.select_for_update().get(pk=organization.pk)
    if before := ActivitiesKnownSince.objects.standing().filter(organization=organization).first():
        # A clock that went back must not make a statement end before it began.
        now = max(now, before.recorded_at)
        withdraw(before, now=now)
    if known_since is not None:
        ActivitiesKnownSince.objects.create(
            organization=organization, known_since=known_since, stated_by=by, recorded_at=now
        )


@transaction.atomic
def withdraw_current(fact: Fact, *, now: datetime) -> None:
    """Take a fact back as of now, also one that was corrected since it was read.

    Raises `Fact.DoesNotExist` when nothing stands under its key any more, or FactConflict.
    """
    withdraw(lock_current(fact), now=now)


def lock_current(fact: AnyFact) -> AnyFact:
    """Lock and return the row that stands under the fact's key, whoever has corrected it since it was read.

    Raises `Fact.DoesNotExist` when nothing stands under its key any more, or FactConflict.
    """
    model = type(fact)
    standing: QuerySet[AnyFact] = model.objects.standing().filter(**{model.key: getattr(fact, model.key)})
    for _try in range(MOST_TRIES):
        # Who waits here for a correction finds the row withdrawn; only the next statement sees the one in its place.
        if (locked := standing.select_related("mentor").select_for_update(of=("self",)).first()) is not None:
            return locked
        if not standing.exists():
            break
    else:
        raise FactConflict({0: _("Others are changing this just now. Please try again.")})
    if model.key == "pk":
        # A correction has a new number: this one is gone, the fact perhaps isn't.
        raise FactConflict({0: _("Somebody else has changed this in the meantime. Ask for it again.")})
    raise model.DoesNotExist


def correction_of(pause: Pause) -> Pause | None:
    """Return the standing row that a withdrawn one was corrected to, in as many steps as it took."""
    while pause.withdrawn_at is not None:
        later = Pause.objects.filter(mentor=pause.mentor_id, recorded_at=pause.withdrawn_at, pk__gt=pause.pk)
        if (found := later.order_by("pk").first()) is None:
            return None
        pause = found
    return pause


def store_once(given: Sequence[AnyFact]) -> dict[str, AnyFact]:
    """Store facts, each key once, and return what stands under the keys. Raises FactConflict."""
    model = type(given[0])
    stored: dict[str, AnyFact] = {}
    missing: Iterable[AnyFact] = given
    for _try in range(MOST_TRIES):
        # By key, so that two who send the same facts in another order don't wait for each other in a circle.
        ordered = sorted(missing, key=lambda row: getattr(row, model.key))
        # One statement decides who was first: two who store the same at once meet at the unique key.
        model.objects.bulk_create(ordered, ignore_conflicts=True)
        standing = model.objects.standing().filter(**{f"{model.key}__in": [getattr(row, model.key) for row in ordered]})
        stored |= {getattr(row, model.key): row for row in standing.select_related("mentor")}
        # What was there a moment ago may have been taken back since: then there is room for this.
        missing = [row for row in given if getattr(row, model.key) not in stored]
        if not missing:
            return stored
    sentence = _("Others are changing this just now. Please try again.")
    raise FactConflict({index: sentence for index, row in enumerate(given) if getattr(row, model.key) not in stored})
