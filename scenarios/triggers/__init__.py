"""Trigger types. Each is one class in one module of this package, found by walking it."""

from importlib import import_module
from pkgutil import iter_modules

from .base import Trigger

__all__ = ["Trigger", "choices", "get", "register", "registry"]

registry: dict[str, Trigger] = {}


def register(kind: type[Trigger]) -> type[Trigger]:
    """Offer a trigger type under its slug. Raise ValueError when the slug is taken by another class."""
    taken = registry.get(kind.slug)
    if taken is not None and type(taken) is not kind:
        raise ValueError(f"The trigger type {kind.slug!r} is defined twice.")
    registry[kind.slug] = kind()
    return kind


def choices() -> list[tuple]:
    """Return what staff can choose from; retired types still explain old decisions but are not offered."""
    return [(slug, trigger.label) for slug, trigger in sorted(registry.items()) if not trigger.retired]


def get(slug: str) -> Trigger:
    """Return the trigger type; raise KeyError for one that was never there."""
    return registry[slug]


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
