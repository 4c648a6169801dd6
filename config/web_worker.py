"""gunicorn's threaded worker, made so that only whole requests get a thread.

gunicorn's own gives a thread to a connection as soon as it is there, and the thread then waits for the rest of the
headers and of the body for as long as the client likes: as many slow connections as there are threads stop everybody.
Here the loop that accepts connections also collects their requests, as a buffering proxy does, each with a deadline.
"""

import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

# Seconds from the first moment of a connection to the last byte of its headers: a few packets.
HEAD_SECONDS = 10
# Seconds for the body after that: the largest at 300 kB a second, what the API usually takes at 1 kB a second.
BODY_SECONDS = 30
# Seconds for a client to take one part of the answer, which is the whole of it for all but files.
ANSWER_SECONDS = 30
# Seconds for a client to close a connection after its last answer; closed at once, the answer could be lost.
GOODBYE_SECONDS = 2
# All headers together. gunicorn allows 100 of 8 kB; browsers and proxies send less than 4 kB.
MOST_HEAD = 64 * 1024
# The API and the forms take 2.5 MB and say so themselves; this only keeps memory from filling up.
MOST_BODY = 10 * 1024 * 1024
# What all requests that are not complete yet may hold together, in each worker process.
MOST_WAITING = 64 * 1024 * 1024
READ = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"


class Arriving:
    """A request of which not everything is there yet."""

    def __init__(self, conn: TConn, cfg: Any) -> None:
        self.conn, self.cfg = conn, cfg
        self.received = bytearray()
        self.deadline = time.monotonic() + HEAD_SECONDS
        # Bytes of headers and body together, once the headers are there.
        self.length: int | None = None
        self.answered = False

    def add(self, chunk: bytes) -> HTTPStatus | None:
        """Take what has come; return the status of a refusal."""
        if self.answered:
            return None
        self.received += chunk
        if self.length is not None:
            return None
        end = self.received.find(END_OF_HEAD, max(0, len(self.received) - len(chunk) - len(END_OF_HEAD)))
        if (len(self.received) if end < 0 else end) > MOST_HEAD:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        return None if end < 0 else self._read_head(end + len(END_OF_HEAD))

    def _read_head(self, length: int) -> HTTPStatus | None:
        """Learn from the headers how long the body is, by gunicorn's own reading of them."""
        self.length = length
        try:
            head = Request(self.cfg, IterUnreader([bytes(self.received[:length])]), self.conn.client)
            fields = dict(head.headers)
            body = int(fields.get("CONTENT-LENGTH", 0))
        except Exception:  # the thread reads it again, and answers what is wrong with it
            return None
        if "TRANSFER-ENCODING" in fields:
            return HTTPStatus.LENGTH_REQUIRED
        if body > MOST_BODY:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        self.length += body
        self.deadline = time.monotonic() + BODY_SECONDS
        if "100-continue" in fields.get("EXPECT", "").lower() and not self.is_complete:
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None

    @property
    def is_complete(self) -> bool:
        return self.length is not None and len(self.received) >= self.length

    def send(self, answer: bytes) -> None:
        try:
            self.conn.sock.send(answer)
        except OSError:
            """Whoever can't take a line at once gets none."""


class BufferingWorker(ThreadWorker):
    """Speaks HTTP/1.1 without TLS: a proxy does the rest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The oldest first.
        self.arriving: dict[TConn, Arriving] = {}

    def accept(self, listener: Any) -> None:
        # Always one place free: whoever has taken longest over a request makes room, so that nobody shuts the door.
        if self.nr_conns >= self.worker_connections - 1 and self.arriving:
            self.drop(next(iter(self.arriving.values())))
        super().accept(listener)

    def enqueue_req(self, conn: TConn) -> None:
        """Collect the next request of a connection, new or kept; the thread comes after that."""
        arriving = self.arriving[conn] = Arriving(conn, self.cfg)
        conn.sock.setblocking(False)
        self.listen_to(arriving, self.read_on)
        if conn.parser is not None:
            self.look_at(arriving, conn.parser.unreader.take_buffered())

    def read_on(self, arriving: Arriving, _sock: Any) -> None:
        try:
            chunk = arriving.conn.sock.recv(READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        if chunk:
            self.look_at(arriving, chunk)
        else:
            self.drop(arriving)

    def look_at(self, arriving: Arriving, chunk: bytes) -> None:
        refusal = arriving.add(chunk)
        if refusal is None and sum(len(each.received) for each in self.arriving.values()) > MOST_WAITING:
            refusal = HTTPStatus.SERVICE_UNAVAILABLE
        if refusal is not None:
            self.refuse(arriving, refusal)
        elif arriving.is_complete and not arriving.answered:
            self.hand_over(arriving)

    def hand_over(self, arriving: Arriving) -> None:
        """Give the whole request to a thread, which so never waits for the client."""
        conn = self.forget(arriving)
        conn.init()
        conn.parser.unreader.unread(bytes(arriving.received))
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        conn.sock.settimeout(ANSWER_SECONDS)
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError as too_slow:
            raise ConnectionResetError(104, "the client did not take its answer") from too_slow

    def finish_request(self, conn: TConn, future: Any) -> None:
        """Keep the connection or let the client close it; gunicorn would wait for that in this loop."""
        if not future.cancelled() and future.exception() is None and future.result():
            super().finish_request(conn, future)
        else:
            self.await_goodbye(conn)

    def refuse(self, arriving: Arriving, status: HTTPStatus) -> None:
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        arriving.send(head.encode())
        self.await_goodbye(self.forget(arriving))

    def await_goodbye(self, conn: TConn) -> None:
        """End our side of the connection, and take no notice of what the client still sends."""
        leaving = self.arriving[conn] = Arriving(conn, self.cfg)
        leaving.answered, leaving.deadline = True, time.monotonic() + GOODBYE_SECONDS
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(1)
            self.listen_to(leaving, self.read_on)
        except OSError:
            self.drop(leaving)

    def murder_pending(self) -> None:
        """Called once in each turn of the loop, and while the worker is stopping."""
        super().murder_pending()
        now = time.monotonic()
        for arriving in list(self.arriving.values()):
            over = arriving.deadline < now
            if arriving.received and over:
                self.refuse(arriving, HTTPStatus.REQUEST_TIMEOUT)
            elif over or not (self.alive or arriving.received or arriving.answered):
                self.drop(arriving)

    def listen_to(self, arriving: Arriving, read: Callable[..., None]) -> None:
        self.poller.register(arriving.conn.sock, 1, partial(read, arriving))

    def forget(self, arriving: Arriving) -> TConn:
        del self.arriving[arriving.conn]
        try:
            self.poller.unregister(arriving.conn.sock)
        except (KeyError, ValueError):
            """It has closed itself."""
        return arriving.conn

    def drop(self, arriving: Arriving) -> None:
        self.nr_conns -= 1
        self.forget(arriving).close()
