"""A proxy on loopback in front of Redis that can lose what a worker waits for."""

import socket
import threading


class LossyProxy:
    """Passes everything on; once deafened, it swallows each connection from the moment that it waits for messages."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.deaf = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return self.listener.getsockname()[1]

    def stop(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            swallowed = threading.Event()
            for source, sink, asks in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=(source, sink, swallowed, asks), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, swallowed: threading.Event, asks: bool) -> None:
        try:
            while chunk := source.recv(65536):
                if asks and self.deaf.is_set() and b"BRPOP" in chunk:
                    swallowed.set()
                if not swallowed.is_set():
                    sink.sendall(chunk)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
