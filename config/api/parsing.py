"""Read a JSON body, or say what is wrong with it before anything is built from it."""

import json
import math
import re
from email.message import Message
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from .refusals import TooLarge

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_DIGITS = 100

# Strings are skipped whole, also one that never ends: taken up again at its next quote, a hostile body would cost its
# length squared.
BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
NUL = "\x00"
SURROGATE = re.compile("[\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Accept one JSON object in UTF-8, and nothing that two readers could understand differently."""

    media_type = "application/json"
    renderer_class = JSONRenderer
    takes: tuple[type, ...] = (dict,)

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        refuse_other_charset(media_type or "")
        text = decoded(bounded(stream, parser_context or {}))
        refuse_depth(text)
        parsed = loads(text)
        if not isinstance(parsed, self.takes):
            raise not_an_object()
        refuse_unstorable(parsed)
        return parsed


class OneOrManyParser(StrictJSONParser):
    """Accept one JSON object, or a list for which the view answers item by item."""

    takes = (dict, list)


def body(request):
    """Return what the request says: an object, or a list where the view's parser takes one.

    Raise ParseError where nothing was sent: a forgotten body is not an empty one.
    """
    parsed = request.data
    if request.stream is None:
        raise not_an_object()
    return parsed


def not_an_object() -> ParseError:
    return ParseError(_("Expected an object."))


def refuse_other_charset(media_type: str) -> None:
    header = Message()
    header["Content-Type"] = media_type
    charset = header.get_param("charset", "utf-8")
    if not isinstance(charset, str) or charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(media_type)


def bounded(stream, context: dict) -> bytes:
    request = context.get("request")
    declared = str(request.META.get("CONTENT_LENGTH") or "") if request is not None else ""
    # What is said to be too long isn't read at all.
    if declared.isdecimal() and int(declared) > MAX_BYTES:
        raise TooLarge()
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise TooLarge()
    if declared.isdecimal() and len(raw) < int(declared):
        raise ParseError(_("The body is shorter than its Content-Length."))
    return raw


def decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseError(_("Body must be UTF-8.")) from None
    if text.startswith("\ufeff"):
        raise ParseError(_("Body must be UTF-8 without a byte order mark."))
    if NUL in text:
        # Also what UTF-16 looks like when it is read as UTF-8.
        raise ParseError(_("Null characters are not allowed. Body must be UTF-8."))
    return text


def refuse_depth(text: str) -> None:
    """Count before parsing: the parser itself is recursive."""
    depth = 0
    for found in BRACKET_OR_STRING.finditer(text):
        sign = found[0]
        if sign in ("[", "{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseError(_("JSON is nested too deeply (max %(max)d).") % {"max": MAX_DEPTH})
        elif sign in ("]", "}"):
            depth -= 1


def loads(text: str):
    try:
        return json.loads(
            text,
            object_pairs_hook=unique_keys,
            parse_constant=refuse_constant,
            parse_int=whole_number,
            parse_float=finite_number,
        )
    except json.JSONDecodeError as error:
        raise ParseError(
            _("Malformed JSON at line %(line)d, column %(column)d.") % {"line": error.lineno, "column": error.colno}
        ) from None


def unique_keys(pairs: list[tuple]) -> dict:
    seen: dict = {}
    for key, value in pairs:
        if key in seen:
            raise ParseError(_("Duplicate key '%(key)s'.") % {"key": shown(key)})
        seen[key] = value
    return seen


def refuse_constant(name: str):
    raise ParseError(_("NaN and Infinity are not valid JSON numbers."))


def whole_number(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise too_long()
    return int(digits)


def finite_number(digits: str) -> float:
    if len(digits) > MAX_DIGITS:
        raise too_long()
    number = float(digits)
    if not math.isfinite(number):
        raise ParseError(_("A number is out of range."))
    return number


def too_long() -> ParseError:
    return ParseError(_("A number is too long (max %(max)d digits).") % {"max": MAX_DIGITS})


def refuse_unstorable(value) -> None:
    """Refuse what JSON can escape and PostgreSQL can't keep, in keys and values at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_unstorable(key)
            refuse_unstorable(inner)
    elif isinstance(value, list):
        for inner in value:
            refuse_unstorable(inner)
    elif isinstance(value, str):
        if NUL in value:
            raise ParseError(_("Null characters are not allowed."))
        if SURROGATE.search(value):
            raise ParseError(_("Surrogate characters are not allowed."))


def shown(text: str) -> str:
    """Return a caller's text as it may be said back: short, and encodable."""
    return SURROGATE.sub("\ufffd", text[:100])
