"""One shape for every refusal: `{"code": ..., "message": ..., "errors": {field: [...]}}`."""

import logging
from collections.abc import Iterator

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from psycopg.errors import ForeignKeyViolation, QueryCanceled, UniqueViolation
from rest_framework import exceptions, status
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.views import exception_handler

from .refusals import Conflict, TooLarge

logger = logging.getLogger(__name__)

API = "/api/"
# What two requests can do to each other. Any other constraint that refuses is our own mistake: 500.
MEETING = (UniqueViolation, ForeignKeyViolation)
DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_AFTER_SECONDS = 5
SAID_AT_MOST = 3


def handle(exc, context) -> HttpResponse | None:
    """Answer an exception of a view; None leaves it to Django, which logs it and calls `server_error`."""
    if isinstance(exc, OperationalError) and isinstance(exc.__cause__, QueryCanceled):
        return took_too_long()
    if isinstance(exc, DATABASE_AWAY):
        return unavailable(exc)
    if isinstance(exc, IntegrityError) and isinstance(exc.__cause__, MEETING):
        # All that one request alone could get wrong was looked for, so two met: what this one refers to is gone by now.
        logger.error("a constraint refused what was checked", exc_info=exc)
        exc = Conflict(_("Somebody else has changed what this belongs to in the meantime. Please try again."))
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLarge()
    elif isinstance(exc, SuspiciousOperation):
        exc = exceptions.ParseError()
    elif isinstance(exc, exceptions.UnsupportedMediaType):
        exc.detail = exceptions.ErrorDetail(_("Use application/json in UTF-8."), exc.default_code)
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = described(exc, response.data)
    return response if speaks_json(context) else as_json(response)


def speaks_json(context) -> bool:
    """Tell whether the view's renderer writes our shape: those of the schema and its page write other things."""
    renderer = getattr(context["request"], "accepted_renderer", None)
    return renderer is None or isinstance(renderer, (JSONRenderer, BrowsableAPIRenderer))


def as_json(response) -> JsonResponse:
    kept = {name: response[name] for name in ("WWW-Authenticate", "Retry-After") if name in response}
    return JsonResponse(response.data, status=response.status_code, headers=kept)


def described(exc, detail) -> dict:
    """Phrase what DRF collected, which may be one sentence, a list, or a tree of fields."""
    if isinstance(detail, dict) and set(detail) == {"detail"} and isinstance(detail["detail"], str):
        return envelope(getattr(detail["detail"], "code", None) or exc.default_code, detail["detail"])
    errors: dict[str, list[str]] = {}
    general: list[str] = []
    for field, message in leaves(detail):
        if field:
            errors.setdefault(field, []).append(message)
        else:
            general.append(message)
    said = general + [f"{field}: {' '.join(messages)}" for field, messages in errors.items()]
    return envelope(getattr(exc, "default_code", "invalid"), " ".join(said[:SAID_AT_MOST]), errors)


def leaves(detail, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each message with its field, written `user_ids.3` inside a list."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            here = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from leaves(inner, here)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from leaves(inner, path if isinstance(inner, str) else f"{path}.{index}".lstrip("."))
    else:
        yield path, str(detail)


def envelope(code: str, message: str, errors: dict[str, list[str]] | None = None) -> dict:
    return {"code": code, "message": message, "errors": errors or {}}


def unavailable(exc: BaseException) -> HttpResponse:
    """Say that PostgreSQL is away. In JSON whatever was asked for: a page with a name on it would need PostgreSQL."""
    logger.error("PostgreSQL did not answer: %s", type(exc).__name__)
    return JsonResponse(
        envelope("unavailable", _("The database can't be reached just now. Please try again.")),
        status=status.HTTP_503_SERVICE_UNAVAILABLE,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def took_too_long() -> HttpResponse:
    """Say that a statement was stopped: the database is well, but this asked too much of it for a request."""
    logger.error("a statement of a request took too long")
    return JsonResponse(
        envelope("took_too_long", _("This took too long and was stopped. Please ask for less.")),
        status=status.HTTP_503_SERVICE_UNAVAILABLE,
    )


# Django's own error pages, for what never reached a view of the API. `config.urls` names them.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_api(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return JsonResponse(envelope(TooLarge.default_code, str(TooLarge.default_detail)), status=TooLarge.status_code)
    return JsonResponse(envelope("bad_request", _("The request can't be understood.")), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_api(request):
        return defaults.permission_denied(request, exception)
    return JsonResponse(envelope("permission_denied", _("You may not do this.")), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_api(request):
        return defaults.page_not_found(request, exception)
    return JsonResponse(envelope("not_found", _("There is nothing at this address.")), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if not is_api(request):
        return defaults.server_error(request)
    return JsonResponse(envelope("error", _("Something went wrong on our side. It has been logged.")), status=500)


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)
