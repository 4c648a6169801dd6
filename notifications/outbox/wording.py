"""Which approved wording a mentor gets, and what is written in the place of its placeholders."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import formats, translation
from django.utils.text import Truncator

from scenarios.models import Decision, Membership

from .. import copywriter
from ..models import Contact, Variant
from ..models.messages import LONGEST_TITLE

# What a decision must have read for these to be filled.
NEEDS = {"days": ("from", "to"), "date": ("to",), "certification": ("kind",)}


class Wordings:
    """The approved wordings that can be filled, by brief and language."""

    def __init__(self, variants: Iterable[Variant]):
        self._by_template: dict[str, dict[str, Variant]] = defaultdict(dict)
        for variant in variants:
            if not _unknown(variant):
                self._by_template[variant.template_id][variant.language] = variant

    def choose(self, template_id: str, language: str) -> Variant | None:
        """Return the wording in this language, or else in the first of the house's languages that there is."""
        wordings = self._by_template.get(template_id, {})
        order = [language, *(code for code, _name in settings.LANGUAGES), *sorted(wordings)]
        return next((wordings[code] for code in order if code in wordings), None)

    def suffice(self) -> Q:
        """Return the condition under which a decision has words, and the readings that these words need."""
        condition = Q(rule_version__prompt_template__in=list(self._by_template))
        for placeholder, readings in NEEDS.items():
            asking = [template for template in self._by_template if placeholder in self._placeholders(template)]
            if asking:
                others = ~Q(rule_version__prompt_template__in=asking)
                condition &= others | Q(readings__has_keys=list(readings))
        return condition

    def _placeholders(self, template_id: str) -> set[str]:
        variants = self._by_template[template_id].values()
        return {
            name for variant in variants for name in copywriter.used_placeholders(f"{variant.subject}\n{variant.body}")
        }


def _unknown(variant: Variant) -> list[str]:
    return copywriter.unknown_placeholders(variant.subject) + copywriter.unknown_placeholders(variant.body)


def current_chapters(mentor_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """Return the name of each mentor's chapter; of several, the one they have been in for longest."""
    memberships = Membership.objects.standing().filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), mentor__in=list(mentor_ids), starts_at__lte=now
    )
    first = memberships.order_by("mentor", "starts_at", "id").distinct("mentor")
    return dict(first.values_list("mentor", "chapter__name"))


def write(decision: Decision, contact: Contact, chapter: str | None, variant: Variant) -> tuple[str, str]:
    """Return the title and the text that this mentor gets. Raise KeyError or ValueError where a reading is missing."""
    values = _values(decision, contact, chapter, variant.language)
    title = " ".join(copywriter.fill(variant.subject, values).split())
    return Truncator(title).chars(LONGEST_TITLE), copywriter.fill(variant.body, values)


def _values(decision: Decision, contact: Contact, chapter: str | None, language: str) -> dict[str, str]:
    organization = decision.organization
    zone = ZoneInfo(contact.time_zone) if contact.time_zone else organization.zone
    readings = decision.readings
    values = {
        "first_name": contact.first_name,
        "chapter": chapter or organization.name,
        "organization": organization.name,
    }
    if "to" in readings:
        end = _local_date(readings["to"], zone)
        with translation.override(language):
            values["date"] = formats.date_format(end, "DATE_FORMAT")
        if "from" in readings:
            values["days"] = str((end - _local_date(readings["from"], zone)).days)
    if "kind" in readings:
        values["certification"] = str(readings["kind"])
    return values


def _local_date(instant: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(instant).astimezone(zone).date()
