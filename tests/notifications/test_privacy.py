"""A name, an address and a text stay where they belong: not in a log line, nor in what is noted of a failure."""

import logging

import pytest

from notifications import channels, outbox
from notifications.models import Notification
from tests.factories import NOW
from tests.notifications.mailserver import HANGS_UP_AFTER_DATA, HANGS_UP_BEFORE_DATA
from tests.notifications.telling import make_due

pytestmark = pytest.mark.django_db

PERSONAL = ("Kari", "Nordmann", "example.net")


@pytest.mark.parametrize(
    "answer",
    [
        "250 OK",
        "550 <kari@example.net> Kari Nordmann doesn't live here",
        "451 <kari@example.net> is being greylisted",
        "421 Too much for kari@example.net",
        HANGS_UP_BEFORE_DATA,
        HANGS_UP_AFTER_DATA,
    ],
)
def test_whatever_a_server_says_of_the_mentor_is_not_repeated(answer, mail_server, caplog):
    make_due(contact={"name": "Kari Nordmann", "email": "kari@example.net"})
    mail_server.answers["kari@example.net"] = [answer]
    with caplog.at_level(logging.DEBUG, "notifications"):
        outbox.deliver(now=NOW)
    assert not [word for word in PERSONAL if word in caplog.text + Notification.objects.get().last_error]


def test_nor_is_the_text_of_an_unforeseen_error(mail_server, caplog, monkeypatch):
    def fail(*_what):
        raise RuntimeError("Kari Nordmann <kari@example.net>")

    make_due(contact={"name": "Kari Nordmann", "email": "kari@example.net"})
    other = make_due()
    monkeypatch.setattr("notifications.channels.email._compose", fail)
    with caplog.at_level(logging.DEBUG):
        assert outbox.deliver(now=NOW) == 2
    failed = Notification.objects.exclude(decision=other).get()
    assert failed.status == "failed"
    assert not [word for word in PERSONAL if word in caplog.text + failed.last_error]


def test_the_address_is_kept_with_the_contact_alone(mail_server):
    make_due(contact={"email": "kari@example.net"})
    outbox.deliver(now=NOW)
    row = Notification.objects.values().get()
    assert "example.net" not in str(row)


@pytest.mark.parametrize("channel", channels.registry.values(), ids=lambda channel: channel.slug)
def test_every_channel_can_be_offered_and_has_a_time_limit(channel):
    assert channels.get(channel.slug) is channel
    assert (channel.slug, channel.label) in channels.choices()
    assert channel.longest.total_seconds() > 0
