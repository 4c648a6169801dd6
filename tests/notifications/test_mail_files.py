"""Mail as files, for a developer's machine."""

import os
import stat

import pytest
from django.core.mail import EmailMessage

from notifications import mailfiles, outbox
from notifications.models import Notification
from tests.factories import NOW
from tests.notifications.telling import make_due

ID = "<decision-7.abc@example.org>"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "notifications.mailfiles.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "kept" / "mail"
    return settings.EMAIL_FILE_PATH


def send(body: str = "Text", message_id: str = ID) -> None:
    EmailMessage(
        "Hei på deg", body, "Anne <anne@example.org>", ["kari@example.org"], headers={"Message-ID": message_id}
    ).send()


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_reads_back_what_the_reader_sees():
    send("Kjære Åse,\nvelkommen.")
    [mail] = mailfiles.read(ID)
    assert "Subject: Hei på deg" in mail
    assert "From: Anne <anne@example.org>" in mail
    assert "To: kari@example.org" in mail
    assert mail.replace("\r\n", "\n").endswith("\n\nKjære Åse,\nvelkommen.")


def test_a_message_that_was_never_sent_has_none(folder):
    assert mailfiles.read(ID) is None
    send()
    assert mailfiles.read("<decision-8.abc@example.org>") is None


def test_a_message_that_is_sent_again_is_seen_twice(folder):
    send("First")
    send("Second")
    assert [mail.splitlines()[-1] for mail in mailfiles.read(ID)] == ["First", "Second"]
    assert sorted(os.listdir(folder)) == ["decision-7.abc@example.org.2.eml", "decision-7.abc@example.org.eml"]


def test_nobody_else_can_read_it(folder):
    previous = os.umask(0)
    try:
        send()
    finally:
        os.umask(previous)
    assert mode(folder) == 0o700
    assert [mode(path) for path in folder.iterdir()] == [0o600]


def test_a_file_that_could_not_be_written_whole_is_not_there(folder, monkeypatch):
    def disk_full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space"):
        send()
    assert list(folder.iterdir()) == []
    assert mailfiles.read(ID) is None


@pytest.mark.parametrize("message_id", ["<../../etc/passwd@x>", "</etc/passwd>", "<a/b@x>", "<..>"])
def test_an_id_cannot_lead_out_of_the_folder(folder, message_id):
    send(message_id=message_id)
    assert len(list(folder.iterdir())) == 1
    assert len(mailfiles.read(message_id)) == 1


@pytest.mark.django_db
def test_what_is_told_is_found_by_the_id_of_its_notification(folder):
    make_due(contact={"name": "Kari Nordmann"})
    outbox.deliver(now=NOW)
    notification = Notification.objects.get()
    assert notification.status == "sent"
    [mail] = mailfiles.read(notification.message_id)
    assert notification.body in mail


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_is_no_reason_to_give_up(folder):
    folder.parent.mkdir()
    folder.write_text("in the way")
    make_due()
    outbox.deliver(now=NOW)
    assert Notification.objects.get().status == "failed"
