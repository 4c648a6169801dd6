"""Rows that the machine made are looked at; nobody adds, changes or deletes them."""

import pytest
from django.forms import model_to_dict

from tests.admin.cast import MACHINE_MADE, make
from tests.admin.pages import address, change_address, label

pytestmark = pytest.mark.django_db

MODELS = sorted(MACHINE_MADE, key=label)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_row_can_not_be_added(admin_client, model):
    assert admin_client.post(address(model, "add"), {}).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_row_can_not_be_changed(admin_client, model):
    row = make(model)
    before = model_to_dict(row)
    assert admin_client.post(change_address(row), {"status": "cancelled", "name": "X"}).status_code == 403
    row.refresh_from_db()
    assert model_to_dict(row) == before


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_row_can_not_be_deleted(admin_client, model):
    row = make(model)
    assert admin_client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(address(model, "changelist"), data)
    assert model.objects.filter(pk=row.pk).exists()
