import codecs
import os
from email.message import Message

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()


def application(environ, start_response):
    """Hand the request to Django, unless its charset is a codec that makes no text, such as base64.

    Django would take that name for the query string's and fail before any view is asked; a name that is no codec it
    passes over, and the API then refuses it as what it is.
    """
    if is_no_text(environ.get("CONTENT_TYPE", "")):
        environ = {**environ, "CONTENT_TYPE": environ["CONTENT_TYPE"].split(";")[0] + "; charset=not-text"}
    return django(environ, start_response)


def is_no_text(content_type: str) -> bool:
    """Tell whether a content type names a codec of Python's that turns bytes into something other than text."""
    header = Message()
    header["Content-Type"] = content_type
    try:
        return not codecs.lookup(str(header.get_param("charset", "utf-8")))._is_text_encoding
    except (LookupError, ValueError):
        return False
