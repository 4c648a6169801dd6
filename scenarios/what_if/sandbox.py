"""Try out what would be decided, with the very statements that decide, and write nothing.

Inside a sandbox this connection has tables of its own for rules and decisions, which PostgreSQL finds before the real
ones. They go with the transaction, which is always rolled back: there is no second implementation of the gates.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Max
from psycopg import sql

from ..models import Decision, Rule, RuleVersion

DRAFT = -1

_shadow = sql.SQL(
    "CREATE TEMP TABLE {name} (LIKE {schema}.{name} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
    " ON COMMIT DROP"
)
_shadow_without_indexes = sql.SQL(
    "CREATE TEMP TABLE {name} (LIKE {schema}.{name} INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DROP"
)
# Whatever is asked of what was told is asked of one mentor; another index would only lead the planner astray.
_BY_KEY = (
    "CREATE INDEX ON pg_temp.scenarios_decision (mentor_id)",
    "CREATE UNIQUE INDEX ON pg_temp.scenarios_decision (id)",
    "ANALYZE pg_temp.scenarios_decision",
)
# What stood at an instant: decided before it, and not withdrawn until then.
_as_it_stood = sql.SQL(
    "INSERT INTO pg_temp.scenarios_decision ({columns}) OVERRIDING SYSTEM VALUE SELECT {values}"
    " FROM {schema}.scenarios_decision WHERE decided_at < {as_of} AND reason = ''"
    " AND (outcome <> 'withdrawn' OR settled_at > {as_of}){only}"
)
_values = {
    "outcome": "CASE WHEN settled_at > {as_of} THEN 'pending' ELSE outcome END",
    "settled_at": "CASE WHEN settled_at > {as_of} THEN NULL ELSE settled_at END",
}


@contextmanager
def sandbox(
    *, as_of: datetime | None = None, draft: RuleVersion | None = None, mentor_ids: Sequence[int] | None = None
) -> Iterator[None]:
    """Give this connection its own rules, with the draft among them, and its own decisions as they stood at `as_of`.

    Without `as_of` the real decisions are seen; nothing may be inserted then. `mentor_ids` keeps the copy small. The
    draft gets the key DRAFT.
    """
    with transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_schema()")
                schema = sql.Identifier(cursor.fetchone()[0])
                if draft is not None:
                    _shadow_rules(cursor, schema, draft)
                if as_of is not None:
                    _shadow_decisions(cursor, schema, as_of, mentor_ids)
            yield
        finally:
            transaction.set_rollback(True)


def _shadow_rules(cursor, schema: sql.Identifier, draft: RuleVersion) -> None:
    for table in ("scenarios_rule", "scenarios_ruleversion"):
        name = sql.Identifier(table)
        cursor.execute(_shadow.format(name=name, schema=schema))
        cursor.execute(
            sql.SQL("INSERT INTO pg_temp.{name} OVERRIDING SYSTEM VALUE SELECT * FROM {schema}.{name}").format(
                name=name, schema=schema
            )
        )
    draft.pk = DRAFT
    draft.number = draft.number or 0
    if not Rule.objects.filter(pk=draft.rule_id).exists():
        Rule.objects.bulk_create([Rule(pk=draft.rule_id, **draft.terms())])
    # What it would have told is looked at again as that of a rule that is on.
    Rule.objects.filter(pk=draft.rule_id).update(state=draft.state)
    # The version that it would replace gives way, as it will once the draft is saved; decisions still point to it.
    RuleVersion.objects.filter(rule_id=draft.rule_id, valid_until__isnull=True).update(valid_until=F("valid_from"))
    RuleVersion.objects.bulk_create([draft])


def _shadow_decisions(cursor, schema: sql.Identifier, as_of: datetime, mentor_ids: Sequence[int] | None) -> None:
    columns = [str(field.column) for field in Decision._meta.local_fields]
    cursor.execute(_shadow_without_indexes.format(name=sql.Identifier("scenarios_decision"), schema=schema))
    only: sql.Composable = sql.SQL("")
    if mentor_ids is not None:
        only = sql.SQL(" AND mentor_id = ANY({}::bigint[])").format(sql.Literal(list(mentor_ids)))
    cursor.execute(
        _as_it_stood.format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join(
                sql.SQL(_values.get(column, column)).format(as_of=sql.Literal(as_of)) for column in columns
            ),
            schema=schema,
            as_of=sql.Literal(as_of),
            only=only,
        )
    )
    for statement in _BY_KEY:
        cursor.execute(statement)
    # The shadow's own numbers must not meet those that were copied.
    first_free = (Decision.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    cursor.execute(
        sql.SQL("ALTER TABLE pg_temp.scenarios_decision ALTER COLUMN id RESTART WITH {}").format(
            sql.Literal(first_free)
        )
    )
