"""Ask Redis itself, past Celery's connections: whoever wants to know whether they still work must not use them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# Half a second for connecting and asking together.
BRIEFLY: dict[str, Any] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.25, "retry": Retry(NoBackoff(), 0)}
QUEUE = "celery"


def connect() -> redis.Redis:
    """Return a client of its own connection, that doesn't wait for long."""
    url = urlsplit(settings.REDIS_URL)
    if url.scheme == "redis+socket":
        database = int(parse_qs(url.query).get("virtual_host", ["0"])[0])
        return redis.Redis(unix_socket_path=url.path, db=database, password=url.password, **BRIEFLY)
    return redis.Redis.from_url(settings.REDIS_URL, **BRIEFLY)


def answers() -> bool:
    """Tell whether Redis answers, within half a second."""
    try:
        with connect() as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def messages_waiting(queue: str = QUEUE) -> int:
    """Return how many messages nobody has taken yet. Raise RedisError or OSError where Redis doesn't say."""
    with connect() as client:
        return int(client.llen(queue))


def let_expire(queue: str, seconds: int) -> None:
    with connect() as client:
        client.expire(queue, seconds)


def forget_queue(queue: str) -> None:
    with connect() as client:
        client.delete(queue)
