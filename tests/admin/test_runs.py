"""Staff start and stop runs, each with a question asked first, and see how one goes."""

import pytest
from django.urls import reverse

from scheduler.models import Run
from tests.admin.cast import make_batch, make_decision, make_run
from tests.admin.pages import address, change_address
from tests.factories import days, make_mentor, make_rule

pytestmark = pytest.mark.django_db

START = "admin:scheduler_run_start"


@pytest.fixture
def running():
    run = make_run(status="running", finished_at=None, batches_total=1)
    make_batch(run)
    return run


def stop(client, run, **data):
    url = change_address(run).replace("/change/", "/stop/")
    return client.post(url, {"_form_submitted": "True", "error_message": "Wrong import", **data})


def test_asking_for_a_run_starts_none(admin_client):
    page = admin_client.get(reverse(START))
    assert "Start a run now?" in page.content.decode()
    assert not Run.objects.exists()


def test_a_run_is_started_with_who_and_why(admin_client, admin_user):
    make_rule()
    make_mentor(idle_for=days(20))
    answer = admin_client.post(reverse(START), {"_form_submitted": "True", "reason": "After the import"})
    run = Run.objects.get()
    assert answer["Location"] == change_address(run)
    assert (run.triggered_by, run.reason, run.status) == (admin_user.username, "After the import", "running")


def test_a_dialogue_is_left_for_the_runs_page(admin_client):
    answer = admin_client.post(reverse(START), {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == change_address(Run.objects.get())


def test_a_running_run_is_stopped_with_its_reason(admin_client, running):
    stop(admin_client, running)
    running.refresh_from_db()
    assert (running.status, running.error_message) == ("cancelled", "Wrong import")


def test_a_run_is_not_stopped_without_a_reason(admin_client, running):
    stop(admin_client, running, error_message="")
    running.refresh_from_db()
    assert running.status == "running"


def test_a_finished_run_keeps_its_record(admin_client):
    run = make_run()
    page = admin_client.get(stop(admin_client, run)["Location"])
    run.refresh_from_db()
    assert run.status == "success"
    assert "This run is already finished." in page.content.decode()


def test_only_a_running_run_offers_to_be_stopped(admin_client, running):
    assert "Stop this run" in admin_client.get(change_address(running)).content.decode()
    assert "Stop this run" not in admin_client.get(change_address(make_run(id="run_done"))).content.decode()


def test_only_a_running_run_asks_for_news(admin_client, running):
    assert 'hx-trigger="every 2s"' in admin_client.get(change_address(running)).content.decode()
    assert 'hx-trigger="every' not in admin_client.get(change_address(make_run(id="run_done"))).content.decode()


def test_who_may_only_look_starts_and_stops_nothing(staff, running):
    client = staff("scheduler.view_run")
    assert client.get(address(Run, "changelist")).status_code == 200
    assert client.post(reverse(START), {"_form_submitted": "True"}).status_code == 403
    assert stop(client, running).status_code == 403
    assert list(Run.objects.filter(status="running")) == [running]


def test_the_page_counts_decisions_by_trigger_and_by_what_became_of_them(admin_client):
    make_decision()
    make_decision(reason="cooldown_active", outcome="", settled_at=None)
    make_decision(run_id="run_other")
    (tally,) = admin_client.get(change_address(make_run(id="run_1"))).context["tallies"]
    assert tally["count"] == 2
    assert dict(tally["became"]) == {"told": 1, "not told: was told of this scenario lately": 1}


def test_who_may_not_see_decisions_sees_none_on_the_run(staff):
    make_decision()
    page = staff("scheduler.view_run").get(change_address(make_run(id="run_1")))
    assert "What was decided" not in page.content.decode()


def test_a_deleted_record_is_out_of_the_log(admin_client):
    run = make_run(deleted_at="2026-03-26T00:00Z")
    assert run not in admin_client.get(address(Run, "changelist")).context["cl"].result_list
    assert admin_client.get(change_address(run)).status_code == 200
