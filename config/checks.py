"""System checks of the house: a misconfiguration is told at start, with an id and a hint."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from .env import is_loopback


@register()
def public_api_only_on_loopback(app_configs, **kwargs) -> list[CheckMessage]:
    """Refuse to serve the API without credentials under a name that others can reach.

    The environment's own are refused as the settings are read; this is for settings that come after them.
    """
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
