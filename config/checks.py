"""System checks of the house: a misconfiguration is told at start, with an id and a hint."""

import ipaddress

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def public_api_only_on_loopback(app_configs, **kwargs) -> list[CheckMessage]:
    """Refuse to serve the API without credentials under a name that others can reach."""
    if settings.API_ACCESS != "public":
        return []
    reachable = [host for host in settings.ALLOWED_HOSTS if not is_loopback(host)]
    if settings.ALLOWED_HOSTS and not reachable:
        return []
    return [
        Error(
            f"API_ACCESS is public, but ALLOWED_HOSTS holds {', '.join(reachable) or 'nothing'}.",
            hint="Set API_ACCESS=protected, or allow only localhost, 127.0.0.1 and [::1].",
            id="config.E001",
        )
    ]


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
