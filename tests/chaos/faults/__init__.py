"""What is done to the house. Each family is a module in here, found by walking; each fault registers itself."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from random import Random

from .base import FAULTS, Fault, Scene

__all__ = ["FAULTS", "Fault", "Scene", "deck"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def deck(random: Random, only: Sequence[str]) -> list[str]:
    """Return the names of the faults in a drawn order: each once, those with many forms more often."""
    names = [name for name, fault in sorted(FAULTS.items()) for _n in range(fault.weight)]
    names = [name for name in names if not only or name in only]
    random.shuffle(names)
    return names
