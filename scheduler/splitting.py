# ruff: noqa: S608  (put together from the constants of this file; values go in as literals)
"""Cut a run into batches: exact shares while that is cheap, equal key ranges for the very many."""

from collections.abc import Sequence

from django.db import connection
from psycopg import sql

from scenarios.engine import active, as_subselect

from .models import Batch, Run

SMALLEST, LARGEST, SHARE = 50, 20_000, 20
# Numbering every mentor costs a pass over all of them; above this many, arithmetic on the ids is as good.
EXACT_UP_TO = 50_000

INSERT = (
    "INSERT INTO scheduler_batch (run_id, index, lo, hi, as_of, status, starts, last_error, user_count,"
    " notifications_sent, duration_ms) SELECT {run_id}, share, {lo}, {hi}, {as_of}, 'pending', 0, '', 0, 0, 0 FROM "
)
EXACT = sql.SQL(
    INSERT.replace("{lo}", "min(id)").replace("{hi}", "max(id)")
    + "(SELECT id, (row_number() OVER (ORDER BY id) - 1) / {size} AS share FROM ({mentors}) m) n"
    " GROUP BY share ORDER BY share"
)
RANGES = sql.SQL(
    INSERT.replace("{lo}", "least + share * width").replace("{hi}", "least + (share + 1) * width - 1")
    + "(SELECT min(id) AS least, greatest(1, (max(id) - min(id)) / {shares} + 1) AS width FROM ({mentors}) m) edges"
    " CROSS JOIN generate_series(0, {shares} - 1) AS share ORDER BY share"
)


def batch_size(mentors: int) -> int:
    """Return how many mentors a batch takes: fixed costs weigh little, and memory stays flat."""
    return max(SMALLEST, min(LARGEST, mentors // SHARE))


def cut(run: Run, *, without: Sequence[str] = ()) -> int:
    """Insert the batches of a run over the mentors active as of its start; return how many there are.

    `without` names organisations that are left out.
    """
    mentors = active(run.invoked_at, run.invoked_at).exclude(organization__in=without)
    count = mentors.count()
    if not count:
        return 0
    size = batch_size(count)
    statement = EXACT if count <= EXACT_UP_TO else RANGES
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(
                run_id=sql.Literal(run.pk),
                as_of=sql.Literal(run.invoked_at),
                size=sql.Literal(size),
                shares=sql.Literal(-(-count // size)),
                mentors=as_subselect(mentors.order_by().values_list("id")),
            )
        )
        return cursor.rowcount


def last_index(run: Run) -> int:
    """Return the highest index among the run's batches, or -1."""
    index = Batch.objects.filter(run=run).order_by("-index").values_list("index", flat=True).first()
    return -1 if index is None else index
