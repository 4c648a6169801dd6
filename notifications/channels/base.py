"""What a channel is, and the two ways in which it can fail."""

from dataclasses import dataclass


class Permanent(Exception):
    """Trying again would not help: the address doesn't exist, the receiver refuses for good."""


class Retry(Exception):
    """It may work later. `unknown` is True where the receiver may have taken the message all the same."""

    def __init__(self, message: str, *, unknown: bool = False):
        super().__init__(message)
        self.unknown = unknown


@dataclass(frozen=True)
class Envelope:
    """What the sender needs to know of a message that is ready to go: plain values, no rows."""

    message_id: str
    subject: str
    body: str
    to_name: str
    to_address: str
    sender_name: str
    reply_to: str


class Channel:
    """One way of telling. Subclasses set `slug` and `label`, and send."""

    slug: str
    label: str

    def address(self, contact) -> str:
        """Return where this contact is reached, or an empty string."""
        raise NotImplementedError

    def send(self, message: Envelope) -> None:
        """Hand the message over. Raise Permanent or Retry; anything else counts as Retry."""
        raise NotImplementedError
