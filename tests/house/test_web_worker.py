"""The real web process, with clients that are slow, silent, huge or gone."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.local import process

IDLE, DRIPPING = 300, 50
ROUNDS = 20
# On a quiet machine it answers in milliseconds; a thread that waits for a slow client would be away for far longer.
PATIENCE = 5
HOST = b"Host: localhost\r\n"
POST = b"POST /admin/login/ HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "config/local/gunicorn_conf.py"]
        web = process.start(
            [*command, "--bind", f"fd://{listener.fileno()}"],
            env={**os.environ, "DJANGO_ENV": "test"},
            pass_fds=[listener.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        number = listener.getsockname()[1]
        try:
            healthz(number, patience=60)
            yield number
        finally:
            process.end(web, 15, grace=20)


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    with ExitStack() as sockets:
        yield sockets


def healthz(port: int, patience: float) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=patience) as answer:
        return answer.status


def connect(port: int, crowd: ExitStack | None = None, sending: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(sending)
    return crowd.enter_context(client) if crowd else client


def ask(port: int, request: bytes) -> bytes:
    """Send a request and return all that comes until the server closes."""
    with connect(port, sending=request) as client:
        return b"".join(iter(lambda: client.recv(65536), b""))


def drip(clients: list[socket.socket]) -> None:
    for client in clients:
        try:
            client.send(b"a")
        except OSError:
            """The server has closed this one, which is what it may do."""


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: ", id="headers"),
        pytest.param(POST + b"Content-Length: 9000\r\n\r\nusername=", id="body"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\nGET /healthz HTTP/1.1\r\nX: ", id="second request"),
    ],
)
def test_slow_clients_keep_nobody_waiting(port, crowd, begun):
    for _n in range(IDLE):
        connect(port, crowd)
    slow = [connect(port, crowd, begun) for _n in range(DRIPPING)]
    for _round in range(ROUNDS):
        if begun:
            drip(slow)
        assert healthz(port, patience=PATIENCE) == 200


def test_a_thousand_connections_more_than_there_is_room_for_keep_nobody_out(port, crowd):
    for _n in range(1100):
        connect(port, crowd)
    assert healthz(port, patience=PATIENCE) == 200


def test_clients_that_do_not_close_keep_nobody_waiting(port, crowd):
    for _n in range(20):
        connect(port, crowd, b"GET /healthz HTTP/1.0\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert healthz(port, patience=PATIENCE) == 200


def test_who_takes_too_long_over_the_headers_is_told_so(port):
    assert ask(port, b"GET /healthz HTTP/1.1\r\n" + HOST).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 70_000, b"431"),
        (POST + b"Content-Length: 99999999\r\n\r\n", b"413"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"411"),
        (POST + b"Content-Length: abc\r\n\r\n", b"400"),
        (b"NONSENSE\r\n\r\n", b"400"),
    ],
)
def test_what_is_never_taken_is_refused_at_once(port, request_, status):
    assert ask(port, request_).split(b" ")[1] == status


@pytest.mark.parametrize("name", [b"SCRIPT_NAME: /evil", b"PATH_INFO: /evil", b"X_Forwarded_Proto: https"])
def test_headers_that_would_pass_for_ours_are_dropped(port, name):
    answer = ask(port, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + name + b"\r\n" + HOST + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_several_requests_of_one_connection_are_answered_in_their_order(port):
    one = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    body = b"{" + b" " * 100_000
    post = b"POST /healthz HTTP/1.1\r\nConnection: close\r\n" + HOST + b"Content-Length: 100001\r\n\r\n" + body
    answer = ask(port, one + one + post)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"403"]


def test_who_asks_first_whether_to_send_the_body_hears_yes(port):
    with connect(
        port, sending=POST + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    ) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"a")
        assert b"HTTP/1.1 403 " in b"".join(iter(lambda: client.recv(65536), b""))
