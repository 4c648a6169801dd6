"""The Celery app: doorbells. A message says that there is work; what the work is stands in PostgreSQL."""

import os
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections

from config.request import request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# With a Redis that hangs, ringing costs a request half a second, and then the request goes on.
RINGING = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "socket_keepalive": True,
}
# Longer than the one second that a worker waits for a message; without it a worker can go deaf for good.
LISTENING = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 15,
}

app = Celery("peerwell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.broker_transport_options = RINGING
# Celery would open a connection to PostgreSQL for each task; `close_stale_connections` looks after them instead.
app.conf.CELERY_DB_REUSE_MAX = 1_000_000
app.autodiscover_tasks()


@signals.celeryd_init.connect
def listen_patiently(conf: Any, **kwargs: Any) -> None:
    conf.broker_transport_options = LISTENING


@signals.worker_process_init.connect
def ring_briefly(**kwargs: Any) -> None:
    """A prefork child only rings: the parent does the listening."""
    app.conf.broker_transport_options = RINGING


@signals.worker_process_init.connect
def die_with_the_parent(**kwargs: Any) -> None:
    """A worker that is killed outright leaves its children alive, otherwise."""
    from config.local.process import die_with_parent

    die_with_parent()


@signals.task_prerun.connect
@signals.task_postrun.connect
def close_stale_connections(task: Any, **kwargs: Any) -> None:
    """As Django does around a request: drop what is broken or old, keep the rest."""
    if not task.request.is_eager:
        close_old_connections()


@signals.task_prerun.connect
def name_the_task(task_id: str, **kwargs: Any) -> None:
    """Every line that a task logs has its id, where a request's has the request's."""
    request_id.set(task_id)


@signals.setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """A receiver here is what keeps Celery from setting up handlers of its own."""
