"""E-mail through Django's mail settings."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import formataddr, parseaddr
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .base import Channel, Envelope, Permanent, Retry, Send, Unavailable

# Greeting, sender, recipient, text and its end are waited for one by one.
STEPS = 6
SERVICE_CLOSING = 421


class Email(Channel):
    slug = "email"
    label = gettext_lazy("E-mail")

    @property
    def longest(self) -> timedelta:
        return timedelta(seconds=STEPS * settings.EMAIL_TIMEOUT)

    def address(self, contact) -> str:
        return contact.email

    @contextmanager
    def session(self) -> Iterator[Send]:
        connection = get_connection()
        try:
            _open(connection)
            yield partial(_send, connection)
        finally:
            _close(connection)


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except OSError as error:  # smtplib's own errors among them: a refused login, a missing STARTTLS
        raise Unavailable(_("The mail server could not be reached (%s).") % type(error).__name__) from error


def _close(connection: BaseEmailBackend) -> None:
    # What the messages came to is already known: a server that can't even say goodbye changes nothing.
    with suppress(OSError):
        connection.close()


def _send(connection: BaseEmailBackend, message: Envelope) -> None:
    mail = _compose(connection, message)
    _open(connection)
    try:
        mail.send()
    except (OSError, ValueError) as error:
        # Some servers hang up after a refusal, and Django would go on with the dead connection.
        _close(connection)
        raise _failure(error) from error


def _failure(error: OSError | ValueError) -> Exception:
    """Sort a failure. The server's own text is left out: it may repeat the address."""
    match error:
        case ValueError():
            # An address that can't be written down, a header that would break: nothing was sent yet.
            return Permanent(_("No valid mail can be made of it (%s).") % type(error).__name__)
        case smtplib.SMTPRecipientsRefused():
            code, _text = next(iter(error.recipients.values()))
            return _refusal(code, _("The mail server refused the recipient (%d)."))
        case smtplib.SMTPSenderRefused():
            # Our own address, so every other message meets the same.
            return Unavailable(_("The mail server refused us as the sender (%d).") % error.smtp_code)
        case smtplib.SMTPResponseException():
            return _refusal(error.smtp_code, _("The mail server refused the message (%d)."))
    # It may have hung up after it took the message: nobody can know.
    return Retry(_("The connection to the mail server broke (%s).") % type(error).__name__, unknown=True)


def _refusal(code: int, sentence: str) -> Exception:
    if code == SERVICE_CLOSING:
        return Unavailable(sentence % code)
    return Permanent(sentence % code) if code >= 500 else Retry(sentence % code)


def _compose(connection: BaseEmailBackend, message: Envelope) -> EmailMessage:
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=formataddr((_one_line(message.sender_name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        # One recipient for each message: of several, some could be refused without a word.
        to=[formataddr((_one_line(message.to_name), message.to_address))],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _one_line(name: str) -> str:
    return " ".join(name.split())
