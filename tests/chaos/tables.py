"""What the harness reads in the house's tables, to compare and to know when all is quiet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from config.local.postgres_server import DATABASE, USER

SETTLED = ("sent", "discarded")


@dataclass(frozen=True)
class Told:
    """One message in the outbox, with what it is about."""

    key: tuple[str, str, str]
    status: str
    outcome: str
    message_id: str
    attempts: int
    crashes: int
    last_error: str


class Tables:
    """A connection that is opened anew when the server has been away."""

    def __init__(self, sockets: str) -> None:
        self.sockets = sockets
        self.connection: psycopg.Connection | None = None

    def rows(self, statement: str, *values: Any) -> list[tuple]:
        """Raises psycopg.OperationalError where the server is away."""
        try:
            if self.connection is None:
                self.connection = psycopg.connect(
                    host=self.sockets,
                    user=USER,
                    dbname=DATABASE,
                    autocommit=True,
                    connect_timeout=2,
                    options="-c TimeZone=UTC -c statement_timeout=5s",
                )
            return self.connection.execute(statement, values).fetchall()
        except psycopg.OperationalError:
            self.connection = None
            raise

    def last_decision(self) -> int:
        return self.rows("SELECT coalesce(max(id), 0) FROM scenarios_decision")[0][0]

    def waiting(self) -> dict[str, int]:
        """Return what isn't finished, by what it is."""
        [counts] = self.rows(
            "SELECT (SELECT count(*) FROM scheduler_run WHERE status = 'running'),"
            " (SELECT count(*) FROM scheduler_batch WHERE status = 'pending'),"
            " (SELECT count(*) FROM scenarios_decision WHERE outcome = 'pending' AND NOT EXISTS"
            "    (SELECT FROM notifications_notification n WHERE n.decision_id = scenarios_decision.id)),"
            " (SELECT count(*) FROM notifications_notification WHERE status IN ('pending', 'sending')),"
            " (SELECT count(*) FROM notifications_notification WHERE status = 'failed')"
        )
        names = ("runs", "batches", "decisions", "messages", "to be tried again")
        return {name: count for name, count in zip(names, counts, strict=True) if count}

    def next_try(self) -> datetime | None:
        return self.rows("SELECT max(due_at) FROM notifications_notification WHERE status = 'failed'")[0][0]

    def runs_since(self, slot: datetime) -> list[tuple[str, str, Any, str | None]]:
        """Return id, status, slot and error of the runs since a slot."""
        return self.rows("SELECT id, status, slot_date, error_message FROM scheduler_run WHERE invoked_at >= %s", slot)

    def leases(self) -> set[str]:
        """Return the tokens of those who have messages in hand."""
        statement = "SELECT DISTINCT lease_token::text FROM notifications_notification WHERE status = 'sending'"
        return {token for (token,) in self.rows(statement)}

    def told_since(self, decision: int) -> list[Told]:
        rows = self.rows(
            "SELECT m.user_id, d.rule_id, d.occasion, n.status, d.outcome, n.message_id, n.attempts, n.crashes,"
            " n.last_error FROM notifications_notification n JOIN scenarios_decision d ON d.id = n.decision_id"
            " JOIN scenarios_peermentor m ON m.id = d.mentor_id WHERE d.id > %s",
            decision,
        )
        return [Told((user, rule, occasion), *rest) for user, rule, occasion, *rest in rows]
