"""The inner face of runs: machine-made rows to look at, two verbs, and the daily time."""

from . import batches, incidents, jobs, runs, watching

__all__ = ["batches", "incidents", "jobs", "runs", "watching"]
