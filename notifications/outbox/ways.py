"""Through which channel a mentor is reached, and what goes on the envelope."""

from collections.abc import Iterable

from scenarios.models import Organization, PeerMentor

from .. import channels
from ..models import ChannelSetting, Contact, Notification


def contact_of(mentor: PeerMentor) -> Contact | None:
    return getattr(mentor, "contact", None)


class Ways:
    """The channels as these organisations use them."""

    def __init__(self, organization_ids: Iterable[str]):
        rows = ChannelSetting.objects.filter(organization__in=set(organization_ids))
        self._settings = {(row.organization_id, row.channel): row for row in rows}

    def choose(self, organization_id: str, mentor: PeerMentor) -> str | None:
        """Return the first channel through which the organisation reaches this mentor."""
        return next((slug for slug in channels.registry if self.is_open(slug, organization_id, mentor)), None)

    def is_open(self, slug: str, organization_id: str, mentor: PeerMentor) -> bool:
        contact, setting = contact_of(mentor), self._settings.get((organization_id, slug))
        if contact is None or slug not in channels.registry or (setting and not setting.enabled):
            return False
        return bool(channels.get(slug).address(contact))

    def envelope(self, notification: Notification, organization: Organization) -> channels.Envelope:
        """Address the message. Nothing of this is stored: an address lives with its contact alone."""
        contact = notification.mentor.contact
        setting = self._settings.get((organization.pk, notification.channel)) or ChannelSetting()
        return channels.Envelope(
            message_id=notification.message_id,
            subject=notification.subject,
            body=notification.body,
            to_name=contact.name,
            to_address=channels.get(notification.channel).address(contact),
            sender_name=setting.sender_name or organization.name,
            reply_to=setting.reply_to,
        )
