"""Every page of every model answers."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from scenarios.models import Switch
from tests.admin.cast import MACHINE_MADE, make
from tests.admin.pages import REGISTERED, address, change_address, label

APPS = ("scenarios", "scheduler", "notifications")
# One row with a page of its own, see test_switch.py.
OURS = [model for app in APPS for model in apps.get_app_config(app).get_models() if model is not Switch]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", OURS, ids=label)
def test_every_model_has_pages(model):
    assert admin.site.is_registered(model)


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_the_list_shows_the_row(admin_client, model):
    row = make(model)
    page = admin_client.get(address(model, "changelist"))
    assert page.status_code == 200
    assert row in page.context["cl"].result_list


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_the_row_has_a_page(admin_client, model):
    assert admin_client.get(change_address(make(model))).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_only_what_people_write_can_be_added(admin_client, model):
    expected = 403 if model in MACHINE_MADE else 200
    assert admin_client.get(address(model, "add")).status_code == expected


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_the_list_can_be_searched(admin_client, model):
    make(model)
    page = admin_client.get(address(model, "changelist"), {"q": "nothing is called like this"})
    assert page.status_code == 200
    assert not page.context["cl"].result_list


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_the_history_of_a_row_answers(admin_client, model):
    assert admin_client.get(address(model, "history", make(model).pk)).status_code == 200


def test_a_filter_by_days_includes_the_whole_last_local_day(admin_client):
    from tests.admin.cast import make_decision

    decision = make_decision()
    day = decision.decided_at.date().isoformat()
    url = address(type(decision), "changelist")
    named = admin_client.get(url, {"decided_at_from": day, "decided_at_to": day})
    assert list(named.context["cl"].result_list) == [decision]
    assert not admin_client.get(url, {"decided_at_to": "2026-03-24"}).context["cl"].result_list


def test_a_day_that_is_none_is_no_filter(admin_client):
    from tests.admin.cast import make_decision

    decision = make_decision()
    page = admin_client.get(address(type(decision), "changelist"), {"decided_at_from": "31.31.31"})
    assert list(page.context["cl"].result_list) == [decision]


def test_the_index_answers_before_anything_has_happened(admin_client):
    page = admin_client.get(reverse("admin:index"))
    assert page.status_code == 200
    assert "There hasn’t been one yet" in page.content.decode()
