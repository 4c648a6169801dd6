"""The mail server refuses, hangs, and hangs up."""

from random import Random

from tests.chaos.sinks import email
from tests.chaos.sinks.base import Manners

from .base import FAULTS, Fault, Scene

# A hang costs a sender a second each, so few of them.
FORMS = {
    "refuses for now": (email.REFUSES_FOR_NOW, 10),
    "is closing": (email.CLOSES, 2),
    "hangs before the text": (email.HANGS, 2),
    "hangs after the text": (email.HANGS_AFTER, 2),
    "drops before the text": (email.DROPS_BEFORE, 6),
    "drops after the text": (email.DROPS_AFTER, 6),
}


def nothing_else(scene: Scene) -> None:
    """How the mail server behaves is all."""


def misbehaves(how: str, most: int):
    return lambda random, addresses: Manners(how, random.randint(1, most))


def refuses_some(random: Random, addresses: list[str]) -> Manners:
    return Manners(refuses=frozenset(random.sample(addresses, min(len(addresses), 5))))


for _name, (_how, _most) in FORMS.items():
    FAULTS[f"the mail server {_name}"] = Fault(
        f"the mail server {_name}", nothing_else, manners=misbehaves(_how, _most)
    )
FAULTS["the mail server refuses for good"] = Fault(
    "the mail server refuses for good", nothing_else, manners=refuses_some
)
