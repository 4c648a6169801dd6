"""The inner face of people, facts, rules and decisions.

Pages on which a mentor's name stands are registered in `notifications.admin`, the only app that knows names; their
classes are here as far as they need none.
"""

from . import clearances, decisions, people, rules

__all__ = ["clearances", "decisions", "people", "rules"]
