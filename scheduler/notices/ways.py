"""The two ways to operators: one e-mail to all of them, and a ping in the manner of healthchecks."""

import http.client
import smtplib
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from ..models import Notice
from . import words

Channel = Notice.Channel

# For each step of a conversation with the other side. Shorter than for mentors' mail: somebody waits behind it.
TIMEOUT_SECONDS = 10


class NotSent(Exception):
    """It may work later. The text is shown to staff: no address is in it, nor what a server said."""


def channels() -> list[str]:
    """Return the channels that are set up."""
    ways = {Channel.EMAIL: settings.OPERATORS, Channel.PING: settings.PING_URL}
    return [channel.value for channel, receiver in ways.items() if receiver]


def send(notice: Notice) -> None:
    """Hand the notice over. Raise NotSent where that failed, or where nobody knows."""
    try:
        if notice.channel == Channel.EMAIL:
            email(notice)
        else:
            ping(notice)
    except HTTPError as error:
        raise NotSent(f"HTTP {error.code}") from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{type(error).__name__} {error.smtp_code}") from None
    except (OSError, smtplib.SMTPException, http.client.HTTPException) as error:
        raise NotSent(type(error).__name__) from None


def email(notice: Notice) -> None:
    headers = {"Message-ID": words.message_id(notice), "Auto-Submitted": "auto-generated"}
    if notice.what == Notice.What.CLOSED:
        headers["In-Reply-To"] = headers["References"] = words.message_id(notice, what=Notice.What.OPENED)
    EmailMessage(
        subject=words.subject(notice),
        body=words.body(notice),
        to=settings.OPERATORS,
        headers=headers,
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    ).send()


class _NoRedirect(HTTPRedirectHandler):
    """Whoever moved is told to us by a setting, and not by whoever answers."""

    def redirect_request(self, *args, **kwargs):
        return None


_opener = build_opener(_NoRedirect)


def ping(notice: Notice) -> None:
    """POST to the address: as it is where all is well, with /fail behind it where something is wrong."""
    url = urlsplit(settings.PING_URL)
    if notice.what == Notice.What.OPENED:
        url = url._replace(path=url.path.rstrip("/") + "/fail")
    request = Request(  # noqa: S310 (the setting is http or https)
        urlunsplit(url), data=words.subject(notice).encode(), headers={"Content-Type": "text/plain; charset=utf-8"}
    )
    with _opener.open(request, timeout=TIMEOUT_SECONDS):
        pass
