"""Typed reading of environment variables. What is wrong is said with the variable's name."""

import os
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str | None = None) -> str:
    """The variable's text; an empty variable counts as an absent one."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is missing: set it in the environment")
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return value in TRUE


def number(name: str, default: int, *, at_least: int = 0) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal()) or int(value) < at_least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {at_least} up, not {value!r}")
    return int(value)


def choice(name: str, default: str, allowed: Iterable[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def optional_url(name: str, schemes: Iterable[str]) -> str:
    """A URL of one of these schemes, or nothing."""
    return url(name, schemes) if text(name, "") else ""


def url(name: str, schemes: Iterable[str], default: str | None = None) -> str:
    """A URL of one of these schemes. The URL itself is not repeated in the complaint: it may hold a password."""
    value = text(name, default)
    if urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must be a URL that starts with {' or '.join(f'{s}://' for s in schemes)}")
    return value
