"""A database as the last release left it, to be brought to today's tables with rows in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

LAST_RELEASE = [
    ("config", "0001_initial"),
    ("scenarios", "0003_brake"),
    ("scheduler", "0003_incidents"),
    ("notifications", "0002_leases"),
]


@contextmanager
def database_of_last_release() -> Iterator[StateApps]:
    """Work in a new database at the last release's migrations, with the models as they were then."""
    own, new = connection.settings_dict["NAME"], f"{connection.settings_dict['NAME']}_upgraded"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{new}"')
        cursor.execute(f'CREATE DATABASE "{new}"')
    connection.close()
    connection.settings_dict["NAME"] = new
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(LAST_RELEASE)
        yield executor.loader.project_state(LAST_RELEASE).apps
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{new}" WITH (FORCE)')


def upgrade() -> None:
    """Bring the database to today's tables."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
