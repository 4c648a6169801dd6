import pytest

from notifications import tasks
from tests.notifications.mailserver import PATIENCE, MailServer
from tests.notifications.telling import make_due_now


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


@pytest.fixture
def busy_worker(celery_worker_process, mail_server):
    """Start a worker that has some messages to send; return when the mail server has the first and doesn't answer."""

    def start(messages: int, pool: str = "solo"):
        for _n in range(messages):
            make_due_now()
        mail_server.may_answer.clear()
        worker = celery_worker_process(
            pool=pool, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(mail_server.port), EMAIL_TIMEOUT=str(PATIENCE)
        )
        tasks.ring_now()
        assert mail_server.took_one.wait(PATIENCE)
        return worker

    return start
