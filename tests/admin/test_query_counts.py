"""A page costs the same number of queries however many rows it shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scenarios.models import PeerMentor
from scheduler.models import Run
from tests.admin.cast import make, make_batch, make_decision, make_named_mentor, make_run
from tests.admin.pages import REGISTERED, address, change_address, label
from tests.factories import make_activity

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 50


def queries(client, url) -> int:
    client.get(url)  # fills what is asked for once in a process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_a_list_asks_as_often_for_fifty_rows_as_for_five(admin_client, model):
    url = address(model, "changelist")
    make(model, FEW)
    few = queries(admin_client, url)
    make(model, MANY - FEW)
    assert queries(admin_client, url) == few


def test_a_run_asks_as_often_with_many_batches_and_decisions(admin_client):
    run = make_run(id="run_1")
    make_batch(run)
    make_decision()
    few = queries(admin_client, change_address(run))
    for _n in range(10):
        make_batch(run)
        make_decision()
    assert queries(admin_client, change_address(run)) == few


def test_a_mentor_asks_as_often_with_a_long_history(admin_client):
    mentor = make_named_mentor()
    make_decision(mentor)
    few = queries(admin_client, change_address(mentor))
    for _n in range(10):
        make_decision(mentor)
        make_activity(mentor)
    assert queries(admin_client, change_address(mentor)) == few


def test_the_index_asks_as_often_after_many_runs(admin_client):
    make(Run)
    few = queries(admin_client, reverse("admin:index"))
    make(Run, 20)
    make(PeerMentor, 20)
    assert queries(admin_client, reverse("admin:index")) == few
    assert few <= 24


def test_a_list_counts_no_further_than_its_cap(admin_client, monkeypatch):
    monkeypatch.setattr("scenarios.admin.base.CappedPaginator.limit", 3)
    make(Run, 5)
    page = admin_client.get(address(Run, "changelist"))
    assert page.context["cl"].result_count == 3
    assert "more than 3" in page.content.decode()
