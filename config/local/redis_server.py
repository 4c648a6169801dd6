"""An embedded Redis (Valkey) on a Unix socket that only we can open."""

import socket
from dataclasses import dataclass
from pathlib import Path

from config.local.binaries import redis_binary


@dataclass(frozen=True)
class RedisServer:
    data: Path
    socket_path: Path

    @property
    def command(self) -> list[str]:
        return [
            *(redis_binary(), "--port", "0", "--unixsocket", str(self.socket_path), "--unixsocketperm", "700"),
            *("--dir", str(self.data), "--appendonly", "yes", "--save", "", "--daemonize", "no"),
            *("--loglevel", "warning"),
        ]

    def url(self, database: int = 0) -> str:
        return f"redis+socket://{self.socket_path}?virtual_host={database}"

    def is_ready(self) -> bool:
        """Answers PING; while it reads its log back it says LOADING."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
