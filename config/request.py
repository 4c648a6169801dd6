"""The id that every line of the log has, and who asks; the log is set up with it before there are models."""

import logging
import re
from contextvars import ContextVar

from django.utils.functional import SimpleLazyObject

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

request_id: ContextVar[str] = ContextVar("id of the request or task", default="-")


def account(request) -> str:
    """Return the account's name, as far as it is known already: a log line must not ask the database."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user.get_username() if user is not None and user.is_authenticated else ""


class OfRequest(logging.Filter):
    """Put the id on each record, count audit lines, and say of a refused request who asked."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "audit_id", None) or request_id.get()
        status = getattr(record, "status_code", 500)
        if record.name == "django.request" and request is not None and status < 500:
            record.levelno, record.levelname = logging.INFO, "INFO"
            # The query string may hold a name; so may a segment that no id of ours looks like.
            path = "/".join(part if WELL_FORMED.fullmatch(part) else "*" for part in request.path.split("/") if part)
            record.msg = "%s %s /%s by %s"
            record.args = (status, request.method, path, account(request) or "-")
            record.exc_info = record.exc_text = None
        return True
