"""A real mail server on loopback that counts what it took and can be told to misbehave."""

import asyncio
from collections import Counter, defaultdict
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event

from aiosmtpd.controller import Controller

PATIENCE = 60

OK = "250 OK"
# Not answers but ways of going away: before the text is sent, and after the whole of it has arrived.
HANGS_UP_BEFORE_DATA = "hangs up before the text"
HANGS_UP_AFTER_DATA = "hangs up after the text"


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # It was asked for any free port, and would now knock at port 0 to see whether somebody is there.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """Answers OK, or what `answers` says for a recipient: one after the other, and the last one for good."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = defaultdict(lambda: [OK])
        self.sender_answer = OK
        self.mails: list[EmailMessage] = []
        self.tries: list[str] = []
        self.connections = 0
        self.took_one = Event()
        # Cleared, it keeps whoever has sent a text waiting for the answer.
        self.may_answer = Event()
        self.may_answer.set()
        self._controller: _Controller | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many times each message arrived, by Message-ID."""
        return Counter(mail["Message-ID"] for mail in self.mails)

    @property
    def port(self) -> int:
        assert self._controller
        return self._controller.port

    def start(self) -> None:
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender_answer == OK:
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tries.append(address)
        answer = self._next_answer(address)
        if answer == HANGS_UP_BEFORE_DATA:
            server.transport.abort()
        if answer in (OK, HANGS_UP_AFTER_DATA):
            envelope.rcpt_tos.append(address)
            envelope.hang_up = answer == HANGS_UP_AFTER_DATA
            return OK
        return answer

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        self.mails.append(mail)
        self.took_one.set()
        await asyncio.get_running_loop().run_in_executor(None, self.may_answer.wait, PATIENCE)
        if envelope.hang_up:
            server.transport.abort()
        return OK

    def _next_answer(self, address: str) -> str:
        answers = self.answers[address]
        return answers.pop(0) if len(answers) > 1 else answers[0]
