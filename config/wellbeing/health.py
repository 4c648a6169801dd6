"""Is this process alive, and can it work? Asked by supervisors, load balancers and whoever deploys; no login."""

from functools import cache

import psycopg
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Whole seconds, and two is the least that libpq takes.
PATIENCE_SECONDS = 2


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer without asking PostgreSQL or Redis: their being away is no reason to restart the web process."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether PostgreSQL answers and has every migration of this version; 503 with what is missing.

    Redis isn't asked: without it the pages and the API work, and so does what was started before.
    """
    missing = what_is_missing()
    if missing:
        return JsonResponse({"status": "not ready", "missing": missing}, status=503)
    return JsonResponse({"status": "ready"})


def what_is_missing() -> list[str]:
    try:
        applied = applied_migrations()
    except psycopg.errors.UndefinedTable:
        applied = set()
    except psycopg.Error:
        # Not why: the text may hold the host and the user.
        return ["postgresql"]
    # A squashed migration stands for those that it replaces.
    return [
        f"migration {app}.{name}"
        for (app, name), replaces in sorted(needed_migrations().items())
        if (app, name) not in applied and not (replaces and applied.issuperset(replaces))
    ]


def applied_migrations() -> set[tuple[str, str]]:
    """Ask over a connection of its own, which neither waits for long nor inherits what is broken."""
    parameters = {**connection.get_connection_params(), "connect_timeout": PATIENCE_SECONDS}
    parameters["options"] = f"{parameters.get('options', '')} -c statement_timeout={PATIENCE_SECONDS}s".strip()
    with psycopg.connect(**parameters, autocommit=True) as own:
        return {(app, name) for app, name in own.execute("SELECT app, name FROM django_migrations").fetchall()}


@cache
def needed_migrations() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the migrations of this version, with what each replaces. Files don't change while we run."""
    return {key: list(migration.replaces) for key, migration in MigrationLoader(None).disk_migrations.items()}
