"""Who changed what: one line of `peerwell.audit` for each change, and the request's id on every line of the log.

Names are those of accounts, and ids of rows; what was written is never repeated: it may say something of a mentor.
"""

import logging
import re
import uuid
from contextvars import ContextVar

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import post_save

from .request import HEADER, WELL_FORMED, account, request_id

NO_NAME = re.compile(r"[^\w.@+-]")
MOST_IDS = 20
ASKS = ("GET", "HEAD", "OPTIONS")
# What is posted to these is a question: it changes nothing.
QUESTIONS = ("rule-preview", "rule-backtest", "scenario-evaluations-trigger-check")

audit = logging.getLogger("peerwell.audit")
# The audit lines of a request: those that no entry of the admin's log stands for yet, and all of them.
lines: ContextVar[list[int] | None] = ContextVar("audit lines", default=None)


class AuditMiddleware:
    """Give each request an id, and see to it that a change leaves an audit line."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get(HEADER, "")
        request.audit_id = given if WELL_FORMED.fullmatch(given) else f"req_{uuid.uuid4().hex}"
        tokens = request_id.set(request.audit_id), lines.set([0, 0])
        try:
            response = self.get_response(request)
            if request.method not in ASKS and response.status_code < 400:
                note_change(request, response)
        finally:
            request_id.reset(tokens[0])
            lines.reset(tokens[1])
        response[HEADER] = request.audit_id
        return response


def note_change(request, response) -> None:
    """Write the line of a request that changed something and left none: its view, the rows' ids, and who asked."""
    match, made = request.resolver_match, lines.get()
    redisplayed = match and match.app_name == "admin" and response.status_code == 200 and "HX-Redirect" not in response
    if (
        match is None
        or match.url_name in QUESTIONS
        or redisplayed
        or (made and made[1])
        or "Idempotent-Replayed" in response
    ):
        return
    what = " ".join([match.url_name or "-", *(str(value)[:64] for value in match.kwargs.values()), *ids_in(response)])
    audit.info("%s %s by %s", request.method, NO_NAME.sub(" ", what), account(request) or "public")


def ids_in(response) -> list[str]:
    """Return the ids of the rows that an answer of the API names."""
    said = getattr(response, "data", None)
    if not isinstance(said, dict):
        return []
    rows = said["data"] if isinstance(said.get("data"), list) else [said]
    found = [
        str(row.get("id") or row.get("user_id") or row.get("run_id") or "") for row in rows if isinstance(row, dict)
    ]
    return [one for one in found if one][:MOST_IDS] + ([f"of {len(found)}"] if len(found) > MOST_IDS else [])


def note_entry(sender, instance: LogEntry, created: bool, **kwargs) -> None:
    """Repeat an entry of the admin's log, without the words in it; a verb that has said it already isn't repeated."""
    made = lines.get()
    if not created or (made and made[0] > 0):
        if made:
            made[0] -= 1
        return
    verb = {ADDITION: "added", CHANGE: "changed"}.get(instance.action_flag, "deleted")
    kind = instance.content_type.model if instance.content_type else "-"
    audit.info("%s %s %s by %s", kind, instance.object_id, verb, instance.user.get_username())
    if made:
        made[0] -= 1


def note_sign_in(sender, user, **kwargs) -> None:
    audit.info("sign-in of %s", user.get_username())


def note_failed_sign_in(sender, credentials, **kwargs) -> None:
    name = str(credentials.get("username") or "")
    audit.warning("sign-in failed for %s", NO_NAME.sub("", name)[:50] or "-")


class Counted(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if made := lines.get():
            made[0] += 1
            made[1] += 1
        return True


def listen() -> None:
    post_save.connect(note_entry, sender=LogEntry, dispatch_uid="peerwell.audit")
    user_logged_in.connect(note_sign_in, dispatch_uid="peerwell.audit")
    user_login_failed.connect(note_failed_sign_in, dispatch_uid="peerwell.audit")
    audit.addFilter(Counted())
