from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.readymade import add_default_rules
from scenarios.models import Organization


class Command(BaseCommand):
    help = "Add the ready-made rules to organisations: once, and never over what is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organizations", nargs="+", metavar="ORG_ID", help="For example org_oslo_01.")

    @transaction.atomic
    def handle(self, *args: Any, organizations: list[str], **options: Any) -> None:
        found = Organization.objects.in_bulk(organizations)
        if unknown := [pk for pk in organizations if pk not in found]:
            raise CommandError(_("There is no such organisation: %(ids)s.") % {"ids": ", ".join(unknown)})
        # In one order, whoever else does the same: two that lock crosswise would wait for each other.
        for pk in sorted(found):
            added = add_default_rules(found[pk], now=timezone.now())
            said = ngettext(
                "%(id)s: %(count)d rule added as a draft", "%(id)s: %(count)d rules added as drafts", len(added)
            )
            self.stdout.write(said % {"id": pk, "count": len(added)})
            for rule in added:
                self.stdout.write(f"  {rule.name}: {rule.sentence}")
