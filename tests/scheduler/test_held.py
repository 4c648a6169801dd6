"""A run that the brake holds waits for a person, who releases or discards each part; or the part expires."""

from datetime import timedelta

import pytest

from scenarios import operations as scenarios
from scenarios.models import Activity, Clearance, Decision, PeerMentor
from scenarios.operations import ClearanceConflict
from scheduler.models import Incident
from scheduler.operations import Conflict, append_batch, batches, reconcile, record_status, run_one_batch, start_run
from scheduler.schedule import daily_schedule
from tests.factories import NOW, days, make_activity, make_organization, make_rule
from tests.scheduler.holding import make_crowd, outcomes, part, run_day
from tests.scheduler.test_meeting import together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rule():
    return make_rule("inactivity", name="We miss you")


@pytest.fixture
def held():
    """A run of two organisations, of which the brake holds one: thirty of forty would be told."""
    strange, ordinary = make_organization(brake_limit_percent=25), make_organization(brake_limit_percent=25)
    make_crowd(strange, 30)
    make_crowd(strange, 10, idle_for=days(1))
    make_crowd(ordinary, 3)
    make_crowd(ordinary, 30, idle_for=days(1))
    run = run_day()
    assert part(strange).status == "held"
    assert part(ordinary).status == "cleared"
    return run, part(strange)


# What a held run is


def test_a_run_is_held_although_a_batch_failed_and_becomes_what_its_batches_make_of_it(monkeypatch):
    organization = make_organization(brake_limit_percent=25)
    crowd = make_crowd(organization, 60)
    decide = batches.scenarios.decide

    def failing(share, *args, **kwargs):
        if share.lo <= crowd[59].pk <= share.hi:
            raise ValueError("this batch can't be weighed")
        return decide(share, *args, **kwargs)

    monkeypatch.setattr(batches.scenarios, "decide", failing)
    run = start_run(now=NOW)
    for minute in range(60):
        while run_one_batch(now=NOW + timedelta(minutes=minute)):
            pass
    run.refresh_from_db()
    assert run.status == "held"
    assert set(run.incidents.values_list("kind", flat=True)) == {"partial", "held"}
    scenarios.discard(part(organization).pk, by="kari", now=NOW + days(0.5))
    reconcile(now=NOW + days(0.5))
    run.refresh_from_db()
    assert run.status == "partial"


def test_a_held_run_takes_no_batches_and_no_other_status(held):
    run, _row = held
    with pytest.raises(Conflict):
        append_batch(run_id=run.pk, user_ids=["usr_1"], now=NOW)
    with pytest.raises(Conflict):
        record_status(run_id=run.pk, status="success", now=NOW)


def test_released_the_part_is_told_and_the_run_is_a_success(held, django_capture_on_commit_callbacks):
    run, row = held
    with django_capture_on_commit_callbacks(execute=True):
        scenarios.release(row.pk, by="kari", now=NOW + days(0.1))
    row.refresh_from_db()
    run.refresh_from_db()
    assert (row.status, row.settled_by, row.settled_at) == ("released", "kari", NOW + days(0.1))
    assert run.status == "success"
    assert Incident.objects.get().closed_at is not None
    assert outcomes() == {("pending", "")}


def test_discarded_the_part_is_withdrawn_and_the_other_is_told(held):
    run, row = held
    scenarios.discard(row.pk, by="kari", now=NOW + days(0.1))
    reconcile(now=NOW + days(0.1))
    run.refresh_from_db()
    assert run.status == "success"
    withdrawn = Decision.objects.filter(outcome="withdrawn", outcome_reason="held")
    assert set(withdrawn.values_list("organization", flat=True)) == {row.organization_id}
    assert Decision.objects.filter(outcome="pending").count() == 3


def test_a_part_that_nobody_releases_expires_within_a_day(held):
    run, row = held
    reconcile(now=NOW + timedelta(hours=23))
    row.refresh_from_db()
    assert row.status == "held"
    reconcile(now=NOW + days(1))
    row.refresh_from_db()
    run.refresh_from_db()
    assert (row.status, row.settled_by, run.status) == ("expired", "", "success")
    assert Decision.objects.filter(outcome_reason="expired").count() == 30


def test_who_expired_is_weighed_again_by_the_next_days_run(held):
    reconcile(now=NOW + days(1))
    again = run_day(NOW + days(1))
    assert (again.status, again.notifications_dispatched) == ("held", 30)


def test_a_daily_run_weighs_again_whom_a_run_of_some_hours_ago_holds(held):
    """That one was late, or the clocks went forward in the night: it would have waited for some hours more."""
    run, row = held
    later = NOW + days(0.75)
    daily = start_run(now=later, schedule=daily_schedule(), slot_date=later.date())
    row.refresh_from_db()
    assert row.status == "expired"
    while run_one_batch(now=later):
        pass
    reconcile(now=later)
    daily.refresh_from_db()
    run.refresh_from_db()
    assert (run.status, daily.status, daily.notifications_dispatched) == ("success", "held", 30)


def test_a_run_by_hand_and_one_that_is_skipped_leave_what_is_held_to_people(held):
    _run, row = held
    start_run(now=NOW + days(0.5))
    scenarios.turn_messages(on=False, why="The address list is wrong.", by="kari", now=NOW)
    start_run(now=NOW + days(0.75), schedule=daily_schedule(), slot_date=NOW.date())
    row.refresh_from_db()
    assert row.status == "held"


def test_the_opposite_of_what_was_done_is_refused_with_who_did_it(held):
    _run, row = held
    scenarios.release(row.pk, by="kari", now=NOW)
    assert scenarios.release(row.pk, by="ola", now=NOW).settled_by == "kari"
    with pytest.raises(ClearanceConflict, match="kari has already released"):
        scenarios.discard(row.pk, by="ola", now=NOW)
    assert outcomes() == {("pending", "")}


def test_what_a_person_released_is_usual_from_then_on(held):
    _run, row = held
    scenarios.release(row.pk, by="kari", now=NOW)
    reconcile(now=NOW)
    Decision.objects.update(outcome="told", settled_at=NOW)
    for mentor in PeerMentor.objects.exclude(decisions__organization=row.organization_id):
        make_activity(mentor, completed_at=NOW + days(29))
    # Whom the cooldown lets go comes again all at once.
    assert run_day(NOW + days(30)).status == "success"


# What is added to a finished run


@pytest.fixture
def finished():
    organization = make_organization(brake_limit_percent=25)
    crowd = make_crowd(organization, 12, idle_for=days(1))
    make_crowd(organization, 20, idle_for=days(1))
    run = run_day()
    Activity.objects.filter(mentor__in=crowd).update(withdrawn_at=NOW)
    return run, [mentor.user_id for mentor in crowd]


def test_batches_that_add_up_to_too_many_hold_the_run(finished):
    run, users = finished
    for number in range(8):
        append_batch(run_id=run.pk, user_ids=[users[number]], now=NOW)
        run.refresh_from_db()
        assert run.status == "success"
    append_batch(run_id=run.pk, user_ids=[users[8]], now=NOW)
    run.refresh_from_db()
    assert run.status == "held"
    assert Clearance.objects.get().explanation.startswith("9 of 32 mentors would hear")
    with pytest.raises(Conflict):
        append_batch(run_id=run.pk, user_ids=[users[9]], now=NOW)


def test_what_a_person_released_is_not_held_again(finished):
    run, users = finished
    append_batch(run_id=run.pk, user_ids=users[:9], now=NOW)
    scenarios.release(Clearance.objects.get().pk, by="kari", now=NOW)
    reconcile(now=NOW)
    append_batch(run_id=run.pk, user_ids=users[9:], now=NOW)
    assert Clearance.objects.get().status == "released"
    assert Clearance.objects.get().told == 12


def test_what_is_added_to_a_part_that_was_discarded_is_withdrawn(finished):
    run, users = finished
    append_batch(run_id=run.pk, user_ids=users[:9], now=NOW)
    scenarios.discard(Clearance.objects.get().pk, by="kari", now=NOW)
    reconcile(now=NOW)
    append_batch(run_id=run.pk, user_ids=users[9:], now=NOW)
    assert outcomes() == {("withdrawn", "held")}
    assert Clearance.objects.get().status == "discarded"


# At the same second


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(held):
    _run, row = held

    def attempt(verb):
        try:
            return verb(row.pk, by=verb.__name__, now=NOW).status
        except ClearanceConflict:
            return "refused"

    answers = together(lambda: attempt(scenarios.release), lambda: attempt(scenarios.discard))
    row.refresh_from_db()
    assert sorted(answers) == sorted([row.status, "refused"])
    assert outcomes() == ({("pending", "")} if row.status == "released" else {("pending", ""), ("withdrawn", "held")})


@pytest.mark.django_db(transaction=True)
def test_a_release_that_meets_the_expiry_is_kept_or_refused_but_never_both(held):
    run, row = held

    def attempt():
        try:
            return scenarios.release(row.pk, by="kari", now=NOW + days(1)).status
        except ClearanceConflict:
            return "refused"

    answer, _none, _none_either = together(attempt, *[lambda: reconcile(now=NOW + days(1))] * 2)
    row.refresh_from_db()
    run.refresh_from_db()
    assert (answer, row.status) in {("released", "released"), ("refused", "expired")}
    assert Decision.objects.filter(outcome_reason="expired").count() == (30 if row.status == "expired" else 0)
    assert run.status == "success"
