"""How a process shows that it is ready. A probe is asked again and again and never waits."""

import socket
from collections.abc import Callable


class SaysReady:
    """Ready when a line of its output holds this text."""

    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self.seen = False

    def read(self, line: bytes) -> None:
        self.seen = self.seen or self.text in line

    def __call__(self) -> bool:
        return self.seen


class AnswersHttp:
    """Ready when GET /healthz on this address of ours is answered with 200.

    The supervisor itself listens on the address, so a request can be put before anybody is there to answer it.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.connection: socket.socket | None = None

    def __call__(self) -> bool:
        try:
            if self.connection is None:
                self.connection = self.ask()
                return False
            answer = self.connection.recv(64)
        except BlockingIOError:
            return False
        except OSError:
            answer = b""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        return b" 200 " in answer

    def ask(self) -> socket.socket:
        connection = socket.create_connection(self.address, timeout=1)
        connection.setblocking(False)
        connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return connection


Probe = Callable[[], bool]
