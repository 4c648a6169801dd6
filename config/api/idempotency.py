"""`Idempotency-Key`: a POST that creates may be sent again until its answer is heard, and creates once."""

import hashlib
import json
import re
from datetime import datetime, timedelta
from functools import wraps

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from config.models import IdempotencyKey

from .access import PUBLIC
from .parsing import body
from .refusals import Conflict, Unprocessable

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
SWEPT_AT_ONCE = 100
PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")

IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x20-\x7e]+$"},
    OpenApiParameter.HEADER,
    description=gettext_lazy(
        "Send the same key again to hear the first answer again, for 24 hours; nothing is created twice."
    ),
)


def idempotent(handler):
    """Honour the key on a view's method. What it does and the saved answer commit together, or neither does.

    A refusal is an exception, which rolls back: nothing is saved for it, and the key is free to be used rightly.
    """

    @wraps(handler)
    def answered_once(view, request, *args, **kwargs):
        if (key := read_key(request)) is None:
            return handler(view, request, *args, **kwargs)
        scope = f"user:{request.user.pk}" if request.user and request.user.is_authenticated else PUBLIC
        fingerprint = fingerprint_of(view, request, kwargs)
        now = timezone.now()
        with transaction.atomic():
            take_turn(scope, key)
            if (saved := find(scope, key, now)) is not None:
                return replay(saved, fingerprint)
            response = handler(view, request, *args, **kwargs)
            IdempotencyKey.objects.create(
                scope=scope,
                key=key,
                fingerprint=fingerprint,
                status_code=response.status_code,
                answer=JSONRenderer().render(response.data).decode(),
                created_at=now,
            )
            sweep(now)
        return response

    return answered_once


def read_key(request) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not PRINTABLE.fullmatch(key):
        raise ValidationError({HEADER: [_("Use 1 to 255 printable ASCII characters.")]})
    return key


def fingerprint_of(view, request, kwargs: dict) -> str:
    """Tell one request from another by what it means: the URL's form and the body's white space don't matter."""
    asked = [type(view).__name__, view.action, kwargs, body(request)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def take_turn(scope: str, key: str) -> None:
    """Hold the key until this transaction ends. Raise Conflict where another request holds it."""
    number = int.from_bytes(hashlib.sha256(f"{scope}\n{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (taken,) = cursor.fetchone()
    if not taken:
        raise Conflict(_("A request with this Idempotency-Key is still being answered."), "idempotency_key_in_use")


def find(scope: str, key: str, now: datetime) -> IdempotencyKey | None:
    """Return the saved answer; one that is too old counts as none."""
    saved = IdempotencyKey.objects.filter(scope=scope, key=key).first()
    if saved is not None and saved.created_at <= now - KEPT_FOR:
        saved.delete()
        return None
    return saved


def replay(saved: IdempotencyKey, fingerprint: str) -> Response:
    if saved.fingerprint != fingerprint:
        raise Unprocessable(_("This Idempotency-Key was used with other parameters."), "idempotency_key_reused")
    return Response(json.loads(saved.answer), status=saved.status_code, headers={REPLAYED: "true"})


def sweep(now: datetime) -> None:
    """Forget some of the oldest answers, so that the table needs no job of its own."""
    old = (
        IdempotencyKey.objects.filter(created_at__lte=now - KEPT_FOR)
        .order_by("created_at")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[:SWEPT_AT_ONCE]
    )
    IdempotencyKey.objects.filter(pk__in=list(old)).delete()
