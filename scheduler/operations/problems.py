from django.utils.translation import gettext as _


class RunNotFound(LookupError):
    """There is no such run, or its record was deleted."""

    def __init__(self, run_id: str):
        super().__init__(_("There is no run “%(id)s”.") % {"id": run_id})


class Conflict(Exception):
    """The run's state doesn't allow what was asked; the message says so in a sentence for people."""


class RunStopped(Exception):
    """The run was stopped while a batch was being weighed: the batch's work must not be committed."""
