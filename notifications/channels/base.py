"""What a channel is, and the two ways in which it can fail."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as Text


class Permanent(Exception):
    """Trying again would not help: the address doesn't exist, the receiver refuses for good."""


class Retry(Exception):
    """It may work later. `unknown` is True where the receiver may have taken the message all the same."""

    def __init__(self, message: str, *, unknown: bool = False):
        super().__init__(message)
        self.unknown = unknown


class Unavailable(Retry):
    """It may work later, and until then no other message gets through this way either."""


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


Send = Callable[[Envelope], None]


class Channel:
    """One way of telling. Subclasses set `slug` and `label`, and send.

    The text of a failure is shown to staff and logged: no name and no address belongs in it, nor what a server said.
    """

    slug: str
    label: "Text"

    @property
    def longest(self) -> timedelta:
        """How long one message can take at most: a sender that takes much longer hangs."""
        raise NotImplementedError

    def address(self, contact) -> str:
        """Return where this contact is reached, or an empty string."""
        raise NotImplementedError

    def session(self) -> AbstractContextManager[Send]:
        """Open what several messages share; inside, hand them over one by one.

        Opening raises Unavailable. The function raises Permanent or Retry for the message in hand; anything else
        counts as a Retry that may have arrived.
        """
        raise NotImplementedError
