import pytest

from tests.notifications.mailserver import MailServer
from tests.scheduler.pingserver import PingServer


@pytest.fixture
def mail_server(settings):
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "Peerwell <peerwell@example.org>"
    settings.OPERATORS = ["ops@example.org", "it@example.org"]
    settings.PUBLIC_URL = "https://peerwell.example.org/"
    yield server
    server.may_answer.set()
    server.stop()


@pytest.fixture
def ping_server(settings, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = PingServer()
    settings.PING_URL = server.url
    yield server
    server.stop()
