"""Where messages arrive. Each channel has one module in here, found by walking the package.

A sink counts what arrived by the message's own id, and can be told to misbehave. A further channel is one more file
with one more subclass of Sink.
"""

from importlib import import_module
from pkgutil import iter_modules

from .base import Arrival, Sink

__all__ = ["SINKS", "Arrival", "Sink"]


def _found() -> dict[str, type[Sink]]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    classes = (thing for module in modules for thing in vars(module).values() if isinstance(thing, type))
    return {kind.channel: kind for kind in classes if issubclass(kind, Sink) and kind is not Sink}


SINKS = _found()
