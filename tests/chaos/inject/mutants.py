"""Small mistakes put into the product, one at a time, to show that the harness finds them: `make chaos MUTATE=name`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4


@dataclass(frozen=True)
class Mutant:
    """`shown_by` names the faults under which it shows; `statements` are run on the database before it starts."""

    install: Callable[[], None]
    shown_by: tuple[str, ...]
    statements: tuple[str, ...] = ()


MUTANTS: dict[str, Mutant] = {}

DECISION_KEY = "DROP INDEX decision_told_once"
SLOT_KEY = "ALTER TABLE scheduler_run DROP CONSTRAINT run_slot_once"
# Whatever PostgreSQL calls them: each unique key of the outbox but its primary one.
MESSAGE_KEYS = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT conname FROM pg_constraint
    WHERE conrelid = 'notifications_notification'::regclass AND contype = 'u'
  LOOP EXECUTE format('ALTER TABLE notifications_notification DROP CONSTRAINT %I', name); END LOOP;
END $$
"""


def mutant(*shown_by: str, statements: tuple[str, ...] = ()):
    def register(install: Callable[[], None]) -> Callable[[], None]:
        MUTANTS[install.__name__] = Mutant(install, shown_by, statements)
        return install

    return register


@mutant("point recorded")
def mark_before_send() -> None:
    """A message counts as sent before it is handed over."""
    from notifications.outbox import recording, sending

    def send_one(self, notification, hand_over):
        if recording.start(notification, now=self.clock()):
            self.begun += 1
            envelope = self.ways.envelope(notification, notification.decision.organization)
            sending._record(notification, None, self.clock())
            sending._hand_over(notification, envelope, hand_over)

    sending.Tour.send_one = send_one


@mutant("point settling")
def settle_apart() -> None:
    """That a message was sent, and that its decision was told, are written in two transactions."""
    from notifications.outbox import recording
    from scenarios import operations

    def end(notification, status, *, why="", reason="", now, **also):
        if not recording._let_go(notification, status=status, last_error=why, finished_at=now, **also):
            return False
        operations.settle([notification.decision_id], told=status != "withdrawn", reason=str(reason), now=now)
        return True

    recording._end = end


@mutant("the clock jumps to the next slot", "nothing")
def no_lease() -> None:
    """A message in somebody's hands is anybody's."""
    from notifications.outbox import leases

    leases.LENGTH = leases.NOTICE = timedelta(0)
    leases.renew = lambda token: 0


@mutant("point sending_begun", "point taken")
def no_reclaim() -> None:
    """What a dead sender had in hand stays there."""
    from notifications import outbox

    outbox.reclaim = lambda *, now: 0


@mutant("nothing")
def new_id_each_time() -> None:
    """A message gets a new Message-ID for each try."""
    from notifications.outbox.ways import Ways

    envelope = Ways.envelope
    Ways.envelope = lambda *args: replace(envelope(*args), message_id=f"<{uuid4()}@chaos.example>")


@mutant("eight planners at once", statements=(SLOT_KEY, DECISION_KEY))
def no_unique_key() -> None:
    """Neither slots nor decisions have a key that keeps a second one out."""


@mutant("nothing", "eight starts at once", statements=(MESSAGE_KEYS,))
def no_unique_message() -> None:
    """Two may write the message of one decision, and it may have two."""
    from notifications.outbox import preparing

    def take(due, wordings, now, limit):
        return list(due.select_related("organization", "rule_version", "mentor__contact").order_by("id")[:limit])

    preparing._take = take


@mutant("eight starts at once", statements=(DECISION_KEY,))
def no_memory() -> None:
    """Nobody asks what was told before."""
    from scenarios import gates

    gates.HISTORY = ()
    gates.OUTRANKED = (gates.OUTRANKED[0], "FALSE")


@mutant("eight starts at once", statements=(DECISION_KEY,))
def no_mentor_lock() -> None:
    """Two who decide about one person don't wait for each other."""
    from scenarios.operations import deciding

    deciding._lock = lambda mentor_ids: None


@mutant("point mentors_locked", "point batch_decided")
def done_first() -> None:
    """A batch counts as done before it is decided."""
    from django.db import transaction

    from scenarios import operations as scenarios
    from scenarios.engine import Frame, Range
    from scheduler.models import Batch
    from scheduler.operations import batches

    def evaluate(batch_id, now):
        with transaction.atomic():
            batch = Batch.objects.select_for_update().filter(pk=batch_id, status="pending").first()
            if batch is None:
                return
            batch.status, batch.finished_at = "done", max(now, batch.as_of)
            batch.save()
            batches.count_finished(batch, now=now)
        with transaction.atomic():
            frame = Frame(instant=batch.as_of, known_at=batch.as_of, decided_at=now)
            scenarios.decide(Range(batch.lo, batch.hi), frame, run_id=batch.run_id)

    batches._evaluate = evaluate


@mutant("point run_committed", "Redis is absent")
def no_reconcile() -> None:
    """A tick plans, but puts nothing right that a crash has left behind."""
    from scheduler import operations

    operations.reconcile = lambda *, now: None
