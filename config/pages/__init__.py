"""What the engine answers, beside the mentors' names and the days of the runs: only the house knows all of it."""

from . import mentors, rules

__all__ = ["mentors", "rules"]
