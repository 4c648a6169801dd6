"""A mail server on loopback."""

import asyncio
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from aiosmtpd.controller import Controller

from .base import Sink

OK = "250 OK"
REFUSES_FOR_NOW, CLOSES, HANGS, HANGS_AFTER = "451", "421", "hangs", "hangs after the text"
DROPS_BEFORE, DROPS_AFTER = "drops before the text", "drops after the text"
SLOW = "takes its time"
REFUSED_FOR_GOOD = "550 5.1.1 No such person"
# Seconds. A mail server takes a moment for each mail, and one that hangs takes longer than anybody waits.
TIMEOUT = 2
LONGER = 3.5
# How often it looks whether it is out of breath: the machine may have more to do than it can.
BREATH = 0.1
A_MOMENT, A_WHILE = 0.004, 0.1


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # It was asked for any free port, and would now knock at port 0 to see whether somebody is there.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer(Sink):
    channel = "email"

    def __init__(self) -> None:
        super().__init__()
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)
        self._controller.start()
        # When a breath came how late.
        self._late: list[tuple[float, float]] = []
        asyncio.run_coroutine_threadsafe(self._breathe(), self._controller.loop)

    async def _breathe(self) -> None:
        while True:
            before = time.time()
            await asyncio.sleep(BREATH)
            if time.time() - before > TIMEOUT / 2:
                self._late.append((before, time.time()))

    def was_slow(self, at: float) -> bool:
        return any(begins - TIMEOUT <= at <= ends + TIMEOUT for begins, ends in self._late)

    def environment(self) -> dict[str, str]:
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self._controller.port), "EMAIL_TIMEOUT": str(TIMEOUT)}

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.manners.refuses:
            return REFUSED_FOR_GOOD
        envelope.how = self.manners.next()
        if envelope.how == REFUSES_FOR_NOW:
            return "451 4.3.0 Later, please"
        if envelope.how == CLOSES:
            return "421 4.3.2 Closing"
        if envelope.how == DROPS_BEFORE:
            server.transport.abort()
        if envelope.how == HANGS:
            await asyncio.sleep(LONGER)
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(A_WHILE if envelope.how == SLOW else A_MOMENT)
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        ambiguous = envelope.how in (DROPS_AFTER, HANGS_AFTER)
        self.took(mail["Message-ID"], parseaddr(str(mail["To"]))[1], str(mail["Subject"]), ambiguous=ambiguous)
        if envelope.how == DROPS_AFTER:
            server.transport.abort()
        if envelope.how == HANGS_AFTER:
            await asyncio.sleep(LONGER)
        return OK
