"""Typed reading of environment variables. What is wrong is said with the variable's name, and what to write instead."""

import ipaddress
import os
import re
from collections.abc import Iterable
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
HIGHEST_PORT = 65_535
HOST = re.compile(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]")


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


def number(name: str, default: int, *, at_least: int = 0, at_most: int | None = None) -> int:
    value = text(name, str(default))
    # Python reads no number of thousands of digits.
    is_number = value.isascii() and value.isdecimal() and len(value) < 20
    if not is_number or int(value) < at_least or (at_most is not None and int(value) > at_most):
        upto = "up" if at_most is None else f"to {at_most}"
        raise ImproperlyConfigured(f"{name} must be a whole number from {at_least} {upto}, not {value!r}")
    return int(value)


def port(name: str, default: int) -> int:
    return number(name, default, at_least=1, at_most=HIGHEST_PORT)


def choice(name: str, default: str, allowed: Iterable[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def hosts(name: str, default: str = "", *, wildcards: bool = True) -> list[str]:
    """Host names and addresses as browsers ask for them, without scheme, port or path."""
    found = words(name, default)
    for host in found:
        plain = host.lstrip("*.") if wildcards else host
        if not (HOST.fullmatch(plain) or (wildcards and host == "*")) or (not wildcards and host.startswith(".")):
            what = "without https://, port or path" if wildcards else "without https://, port, path or wildcard"
            raise ImproperlyConfigured(f"{name} must be host names such as peerwell.example.org {what}, not {host!r}")
    return found


def origins(name: str) -> list[str]:
    """Origins: scheme and host, and a port where it isn't the usual one. A wildcard stands for hosts of one domain."""
    found = words(name)
    for origin in found:
        parts = split(name, origin)
        host = (parts.hostname or "").removeprefix("*.")
        rest = parts.path or parts.query or parts.fragment or parts.username
        whole_top = host != parts.hostname and "." not in host
        if parts.scheme not in ("https", "http") or not HOST.fullmatch(host.replace(":", "")) or rest or whole_top:
            example = "https://peerwell.example.org"
            raise ImproperlyConfigured(f"{name} must be origins such as {example}, without a path, not {origin!r}")
    return found


def addresses(name: str) -> list[str]:
    """E-mail addresses."""
    found = words(name)
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise ImproperlyConfigured(
                f"{name} must be e-mail addresses such as ops@example.org, separated by commas, not {address!r}"
            ) from None
    return found


def secret(name: str) -> str:
    """A key that nobody can guess; it is not repeated in the complaint."""
    value = text(name)
    # A random key of 64 hexadecimal digits has at least a dozen different ones.
    repeats = any(value[step:] == value[:-step] for step in range(1, len(value) // 2 + 1))
    if len(value) < 50 or len(set(value)) < 12 or repeats or value.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"{name} is too weak: write at least 50 characters made at random, for example by `openssl rand -hex 32`"
        )
    return value


def address(name: str) -> str:
    """A sender's address, with or without a name, in a domain that others can reach: not localhost, not a number."""
    value = text(name)
    sender = parseaddr(value)[1]
    domain = sender.rpartition("@")[2].lower()
    try:
        validate_email(sender)
    except ValidationError:
        domain = ""
    if "." not in domain or "[" in domain or domain.endswith((".localhost", ".local", ".internal", ".invalid")):
        raise ImproperlyConfigured(f"{name} must be an address that others can reach: Peerwell <peerwell@example.org>")
    return value


def optional_url(name: str, schemes: Iterable[str]) -> str:
    """A URL of one of these schemes with a host, or nothing."""
    if not text(name, ""):
        return ""
    value = url(name, schemes)
    if not split(name, value).hostname:
        raise ImproperlyConfigured(f"{name} must name a host, as in https://peerwell.example.org")
    return value


def optional_secret_url(name: str) -> str:
    """A URL that is a secret itself, or nothing: it travels by https, or stays on this machine."""
    value = optional_url(name, ("https", "http"))
    if value.startswith("http:") and not is_loopback(split(name, value).hostname or ""):
        raise ImproperlyConfigured(f"{name} must start with https://: who reads it on its way can use it")
    return value


def url(name: str, schemes: Iterable[str], default: str | None = None) -> str:
    """A URL of one of these schemes. The URL itself is not repeated in the complaint: it may hold a password."""
    value = text(name, default)
    if split(name, value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must be a URL that starts with {' or '.join(f'{s}://' for s in schemes)}")
    return value


def split(name: str, value: str) -> SplitResult:
    """Take a URL apart, or complain about what is none, such as `https://[` or a port beyond 65535."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a URL with a host and a port up to {HIGHEST_PORT}") from None
    return parts


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def access(name: str, default: str, *, production: bool, allowed_hosts: Iterable[str]) -> str:
    """Who may use the API: everybody, where only this machine can ask, or those with credentials."""
    value = choice(name, default, ("public", "protected"))
    if value == "public" and production:
        raise ImproperlyConfigured(
            f"{name} must not be public in production, where anybody could read and change everything: write protected"
        )
    reachable = [host for host in allowed_hosts if not is_loopback(host) and host != "testserver"]
    if value == "public" and reachable:
        raise ImproperlyConfigured(
            f"{name} must not be public while ALLOWED_HOSTS holds {', '.join(reachable)}, where others can reach it: "
            "write protected, or allow only localhost, 127.0.0.1 and [::1]"
        )
    return value
