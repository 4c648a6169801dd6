"""How it is told: the people's names and addresses, the approved wording, and every message."""

from .contacts import ChannelSetting, Contact
from .copy import Variant
from .messages import Notification

__all__ = ["ChannelSetting", "Contact", "Notification", "Variant"]
