"""E-mail through Django's mail settings."""

import smtplib
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _

from .base import Channel, Envelope, Permanent, Retry


class Email(Channel):
    slug = "email"
    label = _("E-mail")

    def address(self, contact) -> str:
        return contact.email

    def send(self, message: Envelope) -> None:
        mail = EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=formataddr((message.sender_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            to=[formataddr((message.to_name, message.to_address))],
            reply_to=[message.reply_to] if message.reply_to else None,
            headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as refusal:
            code, text = next(iter(refusal.recipients.values()))
            raise _by_code(code, "recipient") from refusal
        except smtplib.SMTPServerDisconnected as error:
            # It may have hung up after it took the message: nobody can know.
            raise Retry("The mail server hung up.", unknown=True) from error
        except smtplib.SMTPResponseException as error:
            raise _by_code(error.smtp_code, "message") from error
        except OSError as error:
            raise Retry(f"The mail server could not be reached ({type(error).__name__}).") from error


def _by_code(code: int, what: str) -> Exception:
    """Phrase a refusal without the server's own text, which may repeat the address."""
    if code >= 500:
        return Permanent(f"The mail server refused the {what} for good ({code}).")
    return Retry(f"The mail server refused the {what} for now ({code}).")
