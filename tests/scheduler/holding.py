"""Runs of a day, for tests of the brake."""

from scenarios.models import Clearance, Decision, Organization
from scheduler.models import Run
from scheduler.operations import run_one_batch, start_run
from tests.factories import NOW, days, make_mentor


def run_day(now=NOW) -> Run:
    run = start_run(now=now)
    while run_one_batch(now=now):
        pass
    run.refresh_from_db()
    return run


def make_crowd(organization, size: int, **fields) -> list:
    return [make_mentor(organization, **{"idle_for": days(20), **fields}) for _ in range(size)]


def part(organization: Organization) -> Clearance:
    return Clearance.objects.get(organization=organization)


def outcomes() -> set[tuple]:
    return set(Decision.objects.values_list("outcome", "outcome_reason"))


def mentors_of(organization: Organization) -> list:
    return list(organization.mentors.order_by("pk"))
