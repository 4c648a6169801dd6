"""The house's own settings, with a clock that can be set and a place where faults are put in."""

import os
from pathlib import Path

from tests.chaos.inject import clock

# Before any model is imported: their defaults take hold of the clock. Beat goes by the real one: it asks the time in
# several ways, of which only some could be moved, and it decides about no dates.
if os.environ.get("CHAOS_ROLE") != "beat":
    clock.install(Path(os.environ["CHAOS_FOLDER"]))

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

# Last, so that what it takes hold of is there.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.inject"]
# Loopback only, and mail really goes over SMTP.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
