"""Mail as files: what a developer's machine does instead of sending, so that nobody real is ever written to."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from itertools import count
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

SHOWN_HEADERS = ("Date", "From", "Reply-To", "To", "Subject")


class EmailBackend(BaseEmailBackend):
    """Write each message to a file of its own; one that is sent again gets a further file, so that doubles show."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            written = message.message()
            _store(written["Message-ID"], written.as_bytes())
        return len(email_messages)


def read(message_id: str) -> list[str] | None:
    """Return the mails of this ID as a reader sees them, one for each time it was sent; None where there is none."""
    mails = [_as_text(path.read_bytes()) for path in _existing(message_id)]
    return mails or None


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _paths(message_id: str) -> Iterator[Path]:
    """Return the file of the first mail of this ID, of the second, and so on."""
    name = quote(message_id.strip("<> "), safe="@")
    yield _folder() / f"{name}.eml"
    for number in count(2):
        yield _folder() / f"{name}.{number}.eml"


def _existing(message_id: str) -> Iterator[Path]:
    for path in _paths(message_id):
        if not path.is_file():
            return
        yield path


def _store(message_id: str, content: bytes) -> None:
    """Write the whole file under another name first: a reader sees all of it or nothing."""
    with tempfile.NamedTemporaryFile(dir=_folder(), prefix=".") as file:  # mode 0600
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        for path in _paths(message_id):
            try:
                os.link(file.name, path)
            except FileExistsError:
                continue
            return


def _as_text(content: bytes) -> str:
    mail = message_from_bytes(content, _class=Parsed, policy=policy.default)
    headers = "\n".join(f"{name}: {mail[name]}" for name in SHOWN_HEADERS if mail[name])
    body = mail.get_body(("plain", "html"))
    return f"{headers}\n\n{body.get_content() if body else ''}"
