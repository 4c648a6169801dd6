"""Somebody who can't be evaluated: everybody else is, and the one stands alone with their id."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection

from scenarios.models import Decision
from scheduler.accounts import account_of
from scheduler.models import Batch, Incident, Run
from scheduler.operations import append_batch, batches, halving, run_one_batch, start_run
from tests.factories import NOW, days, make_mentor, make_organization, make_rule

pytestmark = pytest.mark.django_db

POISON = """
CREATE OR REPLACE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.mentor_id = ANY(ARRAY[{ids}]) THEN RAISE EXCEPTION 'this mentor cannot be weighed'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_poison BEFORE INSERT ON scenarios_decision FOR EACH ROW EXECUTE FUNCTION refuse_poison();
"""
FULL_DISK = """
CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER refuse_poison BEFORE INSERT ON scenarios_decision FOR EACH ROW EXECUTE FUNCTION refuse_all();
"""


def poison(*mentors) -> None:
    """Make PostgreSQL refuse every decision about these mentors."""
    with connection.cursor() as cursor:
        cursor.execute(POISON.format(ids=", ".join(str(mentor.pk) for mentor in mentors)))


def fill_the_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FULL_DISK)


@contextmanager
def cured():
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse_poison ON scenarios_decision")
    yield


@pytest.fixture
def mentors():
    make_rule("inactivity")
    organization = make_organization()
    return [make_mentor(organization, idle_for=days(20)) for _ in range(60)]


def work_for_minutes(run: Run, minutes: int = 60) -> Run:
    """Work whatever may be worked, as the clock goes on by ten seconds at a time."""
    for tick in range(minutes * 6):
        now = NOW + timedelta(seconds=10 * tick)
        while run_one_batch(now=now):
            pass
        run.refresh_from_db()
        if run.status != Run.Status.RUNNING:
            break
    return run


def die_in_its_batch(now: datetime) -> None:
    """Leave what a worker leaves that is killed in the middle of a batch: a start that was counted, no more."""
    batches._start(now)


def told(run: Run) -> set[int]:
    return set(Decision.objects.filter(run_id=run.pk, reason="").values_list("mentor_id", flat=True))


@pytest.mark.parametrize("place", [0, 31, 49, 50, 59])
def test_one_mentor_who_cannot_be_evaluated_stands_alone_and_the_others_are_told(mentors, place):
    poison(mentors[place])
    run = work_for_minutes(start_run(now=NOW))
    assert run.status == Run.Status.PARTIAL
    assert told(run) == {mentor.pk for mentor in mentors} - {mentors[place].pk}
    alone = run.batches.get(status=Batch.Status.FAILED)
    assert (alone.lo, alone.hi, alone.starts) == (mentors[place].pk, mentors[place].pk, halving.MOST_STARTS)
    assert "this mentor cannot be weighed" in alone.last_error
    assert mentors[place].user_id in run.error_message
    assert Incident.objects.get().message == run.error_message
    assert run.users_evaluated == 59
    assert "evaluation_error" in account_of(mentors[place], NOW.date(), NOW, now=NOW).not_weighed
    assert account_of(mentors[place - 1], NOW.date(), NOW, now=NOW).not_weighed == ""


def test_several_who_cannot_be_evaluated_are_each_found(mentors):
    bad = [mentors[n] for n in (3, 4, 30, 55)]
    poison(*bad)
    run = work_for_minutes(start_run(now=NOW))
    assert told(run) == {mentor.pk for mentor in mentors} - {mentor.pk for mentor in bad}
    assert run.batches.filter(status=Batch.Status.FAILED).count() == 4
    assert all(mentor.user_id in run.error_message for mentor in bad)


def test_a_batch_that_killed_its_worker_five_times_is_halved_and_each_half_tried():
    organization = make_organization()
    mentors = [make_mentor(organization, idle_for=days(1)) for _ in range(9)]
    run = start_run(now=NOW)
    for time in range(5):
        die_in_its_batch(NOW + timedelta(minutes=time))
        assert list(run.batches.values_list("lo", "hi")) == [(mentors[0].pk, mentors[8].pk)]
    die_in_its_batch(NOW + timedelta(minutes=5))
    halves = [(mentors[0].pk, mentors[4].pk), (mentors[5].pk, mentors[8].pk)]
    assert list(run.batches.order_by("lo").values_list("lo", "hi")) == halves
    assert work_for_minutes(run).status == Run.Status.SUCCESS
    # The half that was begun in the last of these deaths was halved in its turn.
    assert (run.batches_total, run.batches_done, run.users_evaluated) == (3, 3, 9)


def test_a_batch_that_failed_under_a_clock_that_was_ahead_is_tried_once_it_is_put_right(mentors):
    run = start_run(now=NOW)
    poison(mentors[0])
    assert run_one_batch(now=NOW + days(1))
    with cured():
        assert work_for_minutes(run).status == Run.Status.SUCCESS


@pytest.mark.parametrize("minutes", [2, 20])
def test_a_full_disk_costs_nobody_their_message(mentors, minutes):
    run = start_run(now=NOW)
    fill_the_disk()
    assert work_for_minutes(run, minutes).status == Run.Status.RUNNING
    assert run.batches.count() == 2, "nothing is halved"
    with cured():
        for tick in range(minutes * 6, minutes * 6 + 10):
            while run_one_batch(now=NOW + timedelta(seconds=10 * tick)):
                pass
    run.refresh_from_db()
    assert run.status == Run.Status.SUCCESS
    assert told(run) == {mentor.pk for mentor in mentors}


def test_trouble_that_does_not_end_ends_the_run(mentors, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OperationalError("out of memory")

    monkeypatch.setattr(batches.scenarios, "decide", refuse)
    monkeypatch.setattr(halving, "MOST_ALONE", 3)
    assert work_for_minutes(start_run(now=NOW), minutes=240).status == Run.Status.FAILED


def test_when_everybody_fails_it_is_not_the_mentors_and_halving_ends(mentors, monkeypatch):
    monkeypatch.setattr(halving, "MOST_ALONE", 3)
    poison(*mentors)
    run = work_for_minutes(start_run(now=NOW), minutes=240)
    assert run.status == Run.Status.FAILED
    assert told(run) == set()
    assert run.batches.count() < 25


def test_the_next_run_tells_who_could_not_be_evaluated(mentors):
    poison(mentors[7])
    work_for_minutes(start_run(now=NOW))
    with cured():
        run = work_for_minutes(start_run(now=NOW))
    assert told(run) == {mentors[7].pk}


def test_named_mentors_are_answered_though_one_cannot_be_evaluated(mentors):
    poison(mentors[2])
    run = Run.objects.create(status="success", invoked_at=NOW, finished_at=NOW)
    named = [mentor.user_id for mentor in mentors[:6]]
    appended = append_batch(run_id=run.pk, user_ids=named, now=NOW)
    assert [result.user_id for result in appended.results] == named
    assert [result.reason for result in appended.results] == ["", "", "evaluation_error", "", "", ""]
    assert told(run) == {mentor.pk for mentor in mentors[:6]} - {mentors[2].pk}
