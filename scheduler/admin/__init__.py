"""The inner face of runs: machine-made rows to look at, two verbs, and the daily time."""

from . import batches, runs

__all__ = ["batches", "runs"]
