import pytest

from tests.notifications.mailserver import MailServer


@pytest.fixture
def mail_server(settings):
    """A mail server that takes everything, and is the one that Django sends to."""
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_TIMEOUT = 5
    settings.DEFAULT_FROM_EMAIL = "Peerwell <peerwell@example.org>"
    yield server
    server.stop()
