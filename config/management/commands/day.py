from time import monotonic, sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.demo import outcome
from config.demo.progress import Progress
from notifications import outbox
from scenarios.engine import active
from scenarios.models import Decision
from scheduler.models import Run
from scheduler.operations import run_one_batch, start_run

# A worker may have the last batch or message in hand: how often to look whether it is done, in seconds, and how long
# while nothing changes. What is held, or couldn't be sent at the first try, stays behind.
LOOK_EVERY = 0.1
PATIENCE = 3
# How many messages between two looks at how far it is.
LOOK_EACH = 50


class Command(BaseCommand):
    help = "Run one day over whatever is in the database, here in the terminal, and say what came of it."

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        run = start_run(now=timezone.now(), reason="make day", triggered_by="terminal")
        assert run is not None, "only a slot can be taken already"
        self.weigh(run)
        seconds = monotonic() - began
        self.tell(run)
        for line in outcome.lines(run, seconds):
            self.stdout.write(line)
        if run.status in (Run.Status.FAILED, Run.Status.CANCELLED):
            raise CommandError(_("The run did not get through."))

    def weigh(self, run: Run) -> None:
        """Work off the batches beside whoever else does, until the run is closed."""
        population = active(run.invoked_at, run.invoked_at).count()
        progress = Progress(self.stdout, _("Weighing"), population)
        while run.status == Run.Status.RUNNING:
            if not run_one_batch(now=timezone.now()):
                sleep(LOOK_EVERY)
            run.refresh_from_db()
            progress.show(run.users_evaluated)
        progress.finish()

    def tell(self, run: Run) -> None:
        """Deliver what is due, and wait for what somebody else is just delivering."""
        progress = Progress(self.stdout, _("Telling"), run.notifications_dispatched)
        told = Decision.objects.filter(run_id=run.pk, outcome=Decision.Outcome.TOLD)
        asked = 0

        def look() -> bool:
            # Asked before each message: looking once in a while is enough for a bar.
            nonlocal asked
            if asked % LOOK_EACH == 0:
                progress.show(told.count())
            asked += 1
            return False

        due = Decision.objects.filter(run_id=run.pk, outcome=Decision.Outcome.PENDING)
        waiting, since = None, monotonic()
        while monotonic() - since < PATIENCE:
            outbox.deliver(now=timezone.now(), stopping=look)
            left = due.filter(scheduled_for__lte=timezone.now()).count()
            progress.show(told.count())
            if not left:
                break
            if left != waiting:
                waiting, since = left, monotonic()
            sleep(LOOK_EVERY)
        progress.finish()
