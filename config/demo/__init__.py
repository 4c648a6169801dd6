"""The demo: invented organisations, people and a year of facts, with everything that the contracts print."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from scenarios.models import Organization
from scheduler import schedule

from .cast import contract_cast, supporting_cast
from .evaluations import write_evaluations
from .history import write_history
from .people import write_contacts, write_facts, write_mentors
from .places import write_places
from .rules import write_rules
from .told import write_told
from .wording import write_wording

# The same demo every time: only the instants follow the moment of seeding. With this seed the three batches of the
# first day tell 8 + 9 + 6, as the contract's sample has it.
SEED = 34


def is_empty() -> bool:
    """Tell whether nothing has been set up here yet."""
    return not Organization.objects.exists()


@transaction.atomic
def seed(*, now: datetime) -> None:
    """Fill an empty database, so that whatever the contracts print comes out as printed.

    No planned run may come before whoever tries that: the daily schedule begins an hour later.
    """
    dice = Random(SEED)
    write_places()
    write_wording(now)
    versions = write_rules()
    parts = contract_cast(now) + supporting_cast(now, dice)
    mentor_ids = write_mentors(parts)
    write_contacts(parts, mentor_ids, dice)
    certification_ids = write_facts(parts, mentor_ids, now, dice)
    write_told(parts, mentor_ids, certification_ids, versions)
    write_history(sorted(mentor_ids.values()), dice)
    write_evaluations(versions)
    for daily in schedule.daily_schedules():
        daily.start_time = now + timedelta(hours=1)
        daily.save()
