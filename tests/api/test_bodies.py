"""Bodies that are no plain JSON object are refused in the one shape, and change nothing."""

import json
from io import BytesIO

import pytest

from scheduler.models import Run

from .runs import RUNS

REFUSED = {
    "a NUL in a string": (b'{"reason": "a\\u0000b"}', 400, "Null characters"),
    "a NUL in a key": (b'{"a\\u0000b": 1}', 400, "Null characters"),
    "a NUL byte": (b'{"reason": "a\x00b"}', 400, "Null characters"),
    "a lone surrogate": (b'{"reason": "\\ud800"}', 400, "Surrogate characters"),
    "a lone surrogate in a key, deep down": (b'{"a": [{"\\udfff": 1}]}', 400, "Surrogate characters"),
    "33 nested arrays": (b'{"reason": ' + b"[" * 32 + b"]" * 32 + b"}", 400, "nested too deeply"),
    "100,000 nested arrays": (b"[" * 100_000, 400, "nested too deeply"),
    "100,000 nested objects": (b'{"a":' * 100_000, 400, "nested too deeply"),
    "more than 1 MB": (b'{"reason": "' + b"x" * 1_000_000 + b'"}', 413, "larger than 1 MB"),
    "more than Django reads": (b'{"reason": "' + b"x" * 3_000_000 + b'"}', 413, "larger than 1 MB"),
    "truncated JSON": (b'{"reason": "a', 400, "Malformed JSON at line 1"),
    "half a megabyte of quotes": (b'{"reason": "' + b'\\"' * 250_000, 400, "Malformed JSON"),
    "duplicate keys": (b'{"reason": "a", "reason": "b"}', 400, "Duplicate key 'reason'"),
    "duplicate keys, deep down": (b'{"reason": {"a": 1, "a": 2}}', 400, "Duplicate key 'a'"),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400, "byte order mark"),
    "UTF-16": ('{"reason": "a"}'.encode("utf-16"), 400, "UTF-8"),
    "UTF-16 without its mark": ('{"reason": "a"}'.encode("utf-16-le"), 400, "UTF-8"),
    "Latin-1": ('{"reason": "å"}'.encode("latin-1"), 400, "UTF-8"),
    "an array": (b"[]", 400, "Expected an object"),
    "a string": (b'"x"', 400, "Expected an object"),
    "null": (b"null", 400, "Expected an object"),
    "nothing": (b"", 400, "Expected an object"),
    "spaces": (b"  ", 400, "Malformed JSON"),
    "NaN": (b'{"reason": NaN}', 400, "NaN and Infinity"),
    "minus Infinity": (b'{"reason": -Infinity}', 400, "NaN and Infinity"),
    "1e400": (b'{"reason": 1e400}', 400, "out of range"),
    "a number of 5,000 digits": (b'{"reason": ' + b"1" * 5000 + b"}", 400, "too long"),
    "a fraction of 5,000 digits": (b'{"reason": 0.' + b"1" * 5000 + b"}", 400, "too long"),
    "an unknown field": (b'{"isAdmin": true}', 400, "Unknown field 'isAdmin'."),
    "a field that we give": (b'{"id": "run_mine"}', 400, "Unknown field 'id'."),
    "a number for a text": (b'{"reason": 5}', 400, "reason: Expected a string."),
    "a boolean for a text": (b'{"reason": true}', 400, "reason: Expected a string."),
    "a list for a text": (b'{"reason": ["a"]}', 400, "reason: Expected a string."),
    "an object for a text": (b'{"reason": {}}', 400, "reason: Expected a string."),
    "an empty text": (b'{"reason": ""}', 400, "blank"),
    "spaces for a text": (b'{"reason": "  "}', 400, "blank"),
    "a turn of the writing direction": (b'{"triggered_by": "a\\u202eb"}', 400, "control characters"),
    "a zero width space": (b'{"triggered_by": "a\\u200bb"}', 400, "control characters"),
    "a line break in a line": (b'{"triggered_by": "a\\nBcc: x"}', 400, "control characters"),
}


def assert_one_shape(answer, status: int) -> None:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()) == {"code", "message", "errors"}
    assert answer.json()["message"]


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(api, case):
    raw, status, said = REFUSED[case]
    answer = api.generic("POST", RUNS, raw, content_type="application/json")
    assert_one_shape(answer, status)
    assert said in answer.json()["message"]
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=bogus",
        "application/json; charset=latin-1",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ],
)
def test_of_another_type_is_refused(api, content_type):
    answer = api.generic("POST", f"{RUNS}?a=%41", b'{"reason": "a"}', content_type=content_type)
    assert_one_shape(answer, 415)
    assert "application/json" in answer.json()["message"]
    assert not Run.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", 'application/json;charset="utf-8"'])
def test_in_utf_8_is_taken(api, content_type):
    body = json.dumps({"reason": "Å 🙂"}, ensure_ascii=False).encode()
    answer = api.generic("POST", RUNS, body, content_type=content_type)
    assert answer.json()["reason"] == "Å 🙂"


def test_nested_as_deeply_as_allowed_is_read_and_refused_for_what_it_says(api):
    body = b'{"reason": ' + b"[" * 31 + b"]" * 31 + b"}"
    answer = api.generic("POST", RUNS, body, content_type="application/json")
    assert answer.json()["errors"] == {"reason": ["Expected a string."]}


def test_brackets_inside_a_text_are_no_nesting(api):
    assert api.post(RUNS, {"reason": '"\\' + "[" * 100}).status_code == 201


def test_shorter_than_announced_is_refused(api):
    sent = {"CONTENT_LENGTH": "10", "wsgi.input": BytesIO(b"{}")}
    answer = api.generic("POST", RUNS, content_type="application/json", **sent)
    assert_one_shape(answer, 400)
    assert not Run.objects.exists()


def test_everything_that_is_wrong_is_said_at_once(api):
    answer = api.post(RUNS, {"reason": 5, "triggered_by": "", "extra": 1})
    assert set(answer.json()["errors"]) == {"reason", "triggered_by", "extra"}


def test_a_long_unknown_name_is_not_said_back_whole(api):
    answer = api.post(RUNS, {"x" * 100_000: 1})
    assert answer.status_code == 400
    assert len(answer.content) < 1000
