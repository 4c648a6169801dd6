"""What some were told before: a decision that was told, and the message as it was sent."""

from datetime import UTC, datetime

from notifications.models import Contact, Notification, Variant
from notifications.outbox.wording import write
from scenarios.models import Chapter, Decision, Organization, RuleVersion

from .parts import Part, Told


def write_told(parts: list[Part], mentor_ids: dict[str, int], certification_ids: dict, versions: dict) -> None:
    """Write the decisions and their messages. The ids are by user ID, those of certifications in the part's order."""
    occasions = [(part, told) for part in parts for told in part.told]
    decisions = Decision.objects.bulk_create(
        _decision(
            part,
            told,
            mentor_ids[part.user_id],
            versions[told.rule_id],
            "" if told.course is None else certification_ids[part.user_id][told.course],
        )
        for part, told in occasions
    )
    Notification.objects.bulk_create(
        notification(decision, Chapter.objects.get(pk=part.chapters[0]).name, told.at)
        for (part, told), decision in zip(occasions, decisions, strict=True)
    )


def _decision(part: Part, told: Told, mentor_id: int, version: RuleVersion, subject: str) -> Decision:
    zone = Organization.objects.get(pk=part.organization).zone
    start, end = map(write_instant, told.measured)
    readings = {"from": start, "to": end}
    if told.course is not None:
        readings["kind"] = part.courses[told.course].kind
    return Decision(
        mentor_id=mentor_id,
        organization_id=part.organization,
        rule_id=version.rule_id,
        rule_version=version,
        subject=subject,
        occasion=told.at.astimezone(zone).date().isoformat(),
        readings=readings,
        instant=told.at,
        known_at=told.at,
        decided_at=told.at,
        scheduled_for=told.at,
        outcome=Decision.Outcome.TOLD,
        settled_at=told.at,
    )


def write_instant(instant: datetime) -> str:
    """Return an instant as readings have it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def notification(decision: Decision, chapter: str, at: datetime) -> Notification:
    """Return the message about a decision as it was sent, with the name of the mentor's chapter in it."""
    contact = Contact.objects.get(pk=decision.mentor_id)
    variant = Variant.objects.get(template_id=decision.rule_version.prompt_template_id, language=contact.language)
    subject, body = write(decision, contact, chapter, variant)
    return Notification(
        decision=decision,
        mentor_id=decision.mentor_id,
        channel="email",
        variant=variant,
        language=variant.language,
        subject=subject,
        body=body,
        status=Notification.Status.SENT,
        created_at=at,
        due_at=at,
        attempts=1,
        send_started_at=at,
        finished_at=at,
        message_id=f"<decision-{decision.pk}.demo@localhost>",
    )
