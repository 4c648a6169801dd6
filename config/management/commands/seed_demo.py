from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from config import demo
from config.demo.scale import fill_up
from scenarios.engine import active


class Command(BaseCommand):
    help = "Fill an empty database with the demo: three invented organisations, and what the contracts print."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="Do nothing, and complain of nothing, where there is something already."
        )
        parser.add_argument(
            "--mentors", type=int, metavar="N", help="Add invented mentors until N are active; here in any database."
        )

    def handle(self, *args: Any, once: bool = False, mentors: int | None = None, **options: Any) -> None:
        now = timezone.now()
        if demo.is_empty():
            demo.seed(now=now)
        elif mentors is None and once:
            return
        elif mentors is None:
            raise CommandError(_("There is something here already; the demo is for an empty database."))
        for added in fill_up(mentors or 0, now=now):
            self.stdout.write(_("%(count)d mentors added") % {"count": added})
        self.stdout.write(_("The demo is there: %(count)d active mentors.") % {"count": active(now, now).count()})
