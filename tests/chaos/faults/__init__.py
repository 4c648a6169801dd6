"""What is done to the house. Each family is a module in here, found by walking; each fault registers itself."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from random import Random

from .base import FAULTS, Fault, Scene

# The fault that has the most forms.
MANY = "points"

__all__ = ["FAULTS", "Fault", "Scene", "deck"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def deck(random: Random, only: Sequence[str]) -> list[str]:
    """Return the names of the faults, or only of these, in a drawn order; `points` come again and again."""
    names = [name for name in only or sorted(FAULTS) if FAULTS[name].drawn or only]
    random.shuffle(names)
    if only:
        return names
    # After every two others, so that a short run comes past many points too.
    for place in range(2, len(names) + len(names) // 2, 3):
        names.insert(place, MANY)
    return names
