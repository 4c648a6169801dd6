"""Ways of telling. Each channel is one module of this package, found by walking it."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from .base import Channel, Envelope, Permanent, Retry, Send, Unavailable

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as Text

__all__ = ["Channel", "Envelope", "Permanent", "Retry", "Send", "Unavailable", "choices", "get", "registry"]


def _found() -> dict[str, Channel]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    classes = (thing for module in modules for thing in vars(module).values() if isinstance(thing, type))
    return {kind.slug: kind() for kind in classes if issubclass(kind, Channel) and kind is not Channel}


def choices() -> list[tuple[str, "Text"]]:
    return [(slug, channel.label) for slug, channel in sorted(registry.items())]


def get(slug: str) -> Channel:
    """Return the channel; raise KeyError for one that doesn't exist."""
    return registry[slug]


registry = _found()
