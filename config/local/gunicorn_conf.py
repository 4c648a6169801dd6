"""gunicorn as `make run` and `make day` use it: as in production, and never left behind."""

import runpy
from pathlib import Path

from config.local.process import die_with_parent

globals().update(
    (name, value)
    for name, value in runpy.run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py")).items()
    if not name.startswith("_")
)

# Ctrl-C should not take long.
graceful_timeout = 5


def post_fork(server, worker):
    """Left alone, a worker notices only after seconds that gunicorn was killed."""
    die_with_parent()
