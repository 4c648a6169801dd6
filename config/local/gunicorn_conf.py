"""gunicorn as `make run` and `make day` use it."""

from config.local.process import die_with_parent

workers = 2
threads = 4
worker_class = "gthread"
# Imports once for both workers; a worker that is replaced starts at once.
preload_app = True
timeout = 30
graceful_timeout = 5
control_socket_disable = True
loglevel = "warning"


def post_fork(server, worker):
    """Left alone, a worker notices only after seconds that gunicorn was killed."""
    die_with_parent()
