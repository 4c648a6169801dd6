"""Small mistakes put into the product, to show that the harness finds them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`shown_by` names the faults under which it shows; `statements` are run on the database before it starts."""

    install: Callable[[], None]
    shown_by: tuple[str, ...]
    statements: tuple[str, ...] = ()


MUTANTS: dict[str, Mutant] = {}
