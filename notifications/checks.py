"""A misconfiguration of the telling is told at start."""

from email.utils import parseaddr

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def mail_has_a_time_limit(app_configs, **kwargs) -> list[CheckMessage]:
    """Without a limit, a mail server that says nothing keeps a sender for ever, and nobody knows when it is dead."""
    if isinstance(settings.EMAIL_TIMEOUT, int | float) and 0 < settings.EMAIL_TIMEOUT <= 60:
        return []
    return [
        Error(
            "EMAIL_TIMEOUT must be between 1 and 60 seconds.",
            hint="30 suits most mail servers.",
            id="notifications.E001",
        )
    ]


@register()
def mail_has_a_sender(app_configs, **kwargs) -> list[CheckMessage]:
    """The sender's domain is also the one of the Message-IDs."""
    name, _at, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    if name and domain:
        return []
    return [
        Error(
            "DEFAULT_FROM_EMAIL holds no address.",
            hint="Write it like: Peerwell <peerwell@example.org>",
            id="notifications.E002",
        )
    ]
