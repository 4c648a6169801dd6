"""A misconfiguration is told at start."""

import pytest

from notifications import checks


@pytest.mark.parametrize("limit", [None, 0, -1, 61])
def test_a_mail_server_must_not_be_waited_for_without_end(settings, limit):
    settings.EMAIL_TIMEOUT = limit
    assert [error.id for error in checks.mail_has_a_time_limit(None)] == ["notifications.E001"]


@pytest.mark.parametrize("limit", [1, 30, 60])
def test_a_limit_is_all_that_it_takes(settings, limit):
    settings.EMAIL_TIMEOUT = limit
    assert checks.mail_has_a_time_limit(None) == []


@pytest.mark.parametrize(
    ("sender", "errors"),
    [
        ("Peerwell <peerwell@example.org>", []),
        ("peerwell@example.org", []),
        ("Peerwell", ["notifications.E002"]),
        ("", ["notifications.E002"]),
        ("Peerwell <@example.org>", ["notifications.E002"]),
    ],
)
def test_mail_needs_a_sender(settings, sender, errors):
    settings.DEFAULT_FROM_EMAIL = sender
    assert [error.id for error in checks.mail_has_a_sender(None)] == errors
