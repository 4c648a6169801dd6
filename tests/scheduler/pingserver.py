"""A real web server on loopback that writes down what it was asked, and can be told what to answer."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class PingServer:
    """Hears pings; `answers` is given out one after the other, and the last one for good."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answers = [200]
        self.location = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/check"

    @property
    def paths(self) -> list[str]:
        return [path for path, _body in self.heard]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                server.heard.append((self.path, body))
                self.send_response(server.answers.pop(0) if len(server.answers) > 1 else server.answers[0])
                if server.location:
                    self.send_header("Location", server.location)
                self.end_headers()

            def do_GET(self) -> None:
                server.heard.append((self.path, "(GET)"))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args) -> None:
                pass

        return Handler
