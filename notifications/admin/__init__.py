"""The inner face of people with names, of wording and messages; a page lives in the highest app whose rows it shows."""

from . import briefs, channels, facts, mentors, messages, organizations, wording

__all__ = ["briefs", "channels", "facts", "mentors", "messages", "organizations", "wording"]
