"""Facts are added and withdrawn, never overwritten, so that any past day can still be asked what was known."""

from datetime import datetime
from typing import TypeVar

from django.db import transaction

from ..models.facts import Fact

AnyFact = TypeVar("AnyFact", bound=Fact)


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
    """Take a fact back as of now. Raises `Fact.DoesNotExist` when it doesn't stand any more."""
    standing = type(fact).objects.standing().select_for_update().get(pk=fact.pk)
    # A clock that went back, or a fact recorded for later, must not end before it began.
    standing.withdrawn_at = max(now, standing.recorded_at)
    standing.save(update_fields=["withdrawn_at"])
