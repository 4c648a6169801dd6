"""What every test may rely on."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate


@pytest.fixture(scope="session", autouse=True)
def rows_of_migrations():
    """Put back the rows that migrations make: a test that commits empties every table behind it, these too."""

    def put_back(sender, **kwargs):
        import_module("scheduler.migrations.0002_daily_run").make_rows(apps, None)

    scheduler = apps.get_app_config("scheduler")
    # Emptying the tables sends this signal, as migrating does.
    post_migrate.connect(put_back, sender=scheduler)
    yield
    post_migrate.disconnect(put_back, sender=scheduler)
