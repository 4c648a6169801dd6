"""What was given up before anybody was told isn't counted as told, and the pages say what became of it."""

from importlib import import_module

import pytest
from django.db import connection
from django.urls import reverse

from scenarios import operations as scenarios
from scheduler.models import Run
from scheduler.operations import Conflict, append_batch, reconcile, record_status, run_one_batch, start_run
from tests.admin.pages import change_address
from tests.factories import NOW, days, make_organization, make_rule
from tests.scheduler.holding import make_crowd, part, run_day

pytestmark = pytest.mark.django_db
SAID = "30 messages were not sent: discarded by kari."


@pytest.fixture(autouse=True)
def rule():
    return make_rule("inactivity")


@pytest.fixture
def strange():
    organization = make_organization(brake_limit_percent=25)
    make_crowd(organization, 30)
    make_crowd(organization, 10, idle_for=days(1))
    return organization


@pytest.fixture
def discarded(strange, django_capture_on_commit_callbacks):
    """A run of two organisations: three mentors are told, and what was held of thirty is discarded."""
    ordinary = make_organization()
    make_crowd(ordinary, 3)
    run = run_day()
    assert (run.status, run.notifications_dispatched) == ("held", 33)
    with django_capture_on_commit_callbacks(execute=True):
        scenarios.discard(part(strange).pk, by="kari", now=NOW)
    run.refresh_from_db()
    return run


def test_what_was_discarded_is_not_counted_as_told(discarded, client, settings):
    settings.API_ACCESS = "public"
    assert (discarded.status, discarded.notifications_dispatched, discarded.notifications_given_up) == (
        "success",
        3,
        30,
    )
    (row,) = client.get("/api/v1/scheduler-invocations").json()["data"]
    assert row["notifications_dispatched"] == 3


@pytest.mark.parametrize("page", ["admin:index", "run"])
def test_the_first_page_and_the_runs_page_say_who_discarded_how_many(discarded, admin_client, page):
    url = change_address(discarded) if page == "run" else reverse(page)
    assert SAID in admin_client.get(url).content.decode()


def test_the_list_of_runs_says_it_too(discarded, admin_client):
    page = admin_client.get(reverse("admin:scheduler_run_changelist")).content.decode()
    assert "3 (and 30 not sent, discarded by kari)" in page


def test_what_nobody_released_in_time_is_not_counted_either(strange, admin_client):
    run = run_day()
    reconcile(now=NOW + days(1))
    run.refresh_from_db()
    assert (run.status, run.notifications_dispatched) == ("success", 0)
    page = admin_client.get(change_address(run)).content.decode()
    assert "30 messages were not sent: nobody released them in time." in page


def test_what_is_added_to_a_part_that_was_discarded_is_not_counted(discarded, strange):
    late = make_crowd(strange, 2)
    append_batch(run_id=discarded.pk, user_ids=[mentor.user_id for mentor in late], now=NOW)
    discarded.refresh_from_db()
    assert (discarded.notifications_dispatched, discarded.notifications_given_up) == (3, 32)


@pytest.fixture
def stopped(strange):
    make_crowd(strange, 30)
    run = start_run(now=NOW)
    run_one_batch(now=NOW)
    return record_status(run_id=run.pk, status="cancelled", now=NOW)


def test_a_run_that_was_stopped_told_nobody(stopped):
    assert (stopped.notifications_dispatched, stopped.notifications_given_up > 0) == (0, True)


@pytest.mark.parametrize("between", [None, "failed"])
def test_a_run_that_was_stopped_cannot_be_called_a_success_by_any_way_round(stopped, between):
    if between:
        record_status(run_id=stopped.pk, status=between, now=NOW)
    with pytest.raises(Conflict, match="stopped before its work was complete"):
        record_status(run_id=stopped.pk, status="success", now=NOW)
    stopped.refresh_from_db()
    assert stopped.status == (between or "cancelled")


def test_a_run_that_was_skipped_cannot_be_called_a_success():
    run = Run.objects.create(status="skipped", invoked_at=NOW, finished_at=NOW)
    with pytest.raises(Conflict):
        record_status(run_id=run.pk, status="success", now=NOW)


def test_the_record_of_a_run_whose_work_was_complete_is_corrected_there_and_back():
    run = run_day()
    for status in ("failed", "cancelled", "success"):
        assert record_status(run_id=run.pk, status=status, now=NOW).status == status


def test_an_upgrade_counts_again_what_past_runs_had_given_up(discarded):
    Run.objects.update(notifications_dispatched=33, notifications_given_up=0)
    with connection.cursor() as cursor:
        cursor.execute(import_module("scheduler.migrations.0005_given_up").RECOUNT)
    discarded.refresh_from_db()
    assert (discarded.notifications_dispatched, discarded.notifications_given_up) == (3, 30)
