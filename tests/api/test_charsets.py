"""A charset that is no text is refused like any other, also by the server that stands in front of Django."""

import io
import json

import pytest
from django.core.wsgi import get_wsgi_application

from config import wsgi

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public(settings, monkeypatch):
    settings.API_ACCESS = "public"
    monkeypatch.setattr(wsgi, "django", get_wsgi_application())


def post(content_type: str) -> tuple[str, dict]:
    """Send what gunicorn hands over, past the test client, which builds its requests without an environ of bytes."""
    body = b'{"reason": "x"}'
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/scheduler-invocations",
        "QUERY_STRING": "page=1",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    said: list[str] = []
    chunks = wsgi.application(environ, lambda status, headers, *rest: said.append(status))
    return said[0], json.loads(b"".join(chunks))


@pytest.mark.parametrize("charset", ["base64", "hex", "rot13", "zlib", "bogus", '"base64"', "latin-1"])
def test_a_charset_that_is_not_utf_8_is_refused_in_the_one_shape(charset):
    status, answer = post(f"application/json; charset={charset}")
    assert status.startswith("415")
    assert set(answer) == {"code", "message", "errors"}
