"""What fires, and what the gates say to it, as people and programs are shown it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..models import Organization, PeerMentor, RuleVersion


@dataclass(frozen=True)
class WouldHear:
    """One rule that would fire on one mentor; `reason` is empty where the mentor would be told.

    `logged_at` is when the activity on which it fires became known, for rules that are judged on activities.
    """

    mentor_id: int
    user_id: str
    organization: Organization
    version: RuleVersion
    subject: str
    occasion: str
    readings: dict
    reason: str
    logged_at: datetime | None = None

    @property
    def sentence(self) -> str:
        return self.version.trigger.explain(self.readings, self.version, self.organization.zone)


# Mentor, version, subject, occasion, readings as text, reason, and when the activity became known.
Fired = tuple[int, int, str, str, str, str, datetime | None]


def would_hear(fired: Sequence[Fired], versions: Iterable[RuleVersion]) -> list[WouldHear]:
    """Put decisions as they are shown, in the order in which they are given."""
    by_id = {version.pk: version for version in versions}
    organizations = Organization.objects.in_bulk()
    people = PeerMentor.objects.filter(pk__in={row[0] for row in fired})
    mentors = {
        pk: (user_id, organizations[organization_id])
        for pk, user_id, organization_id in people.values_list("pk", "user_id", "organization_id")
    }
    return [
        WouldHear(
            mentor_id, *mentors[mentor_id], by_id[version_id], subject, occasion, json.loads(readings), reason, at
        )
        for mentor_id, version_id, subject, occasion, readings, reason, at in fired
    ]


def by_mentor(row: WouldHear) -> tuple:
    return (row.mentor_id, row.version.priority, row.version.rule_id, row.subject)
