"""A mail provider on the loopback, as unreliable as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Provider:
    """Keeps what it gets; answers with ``statuses`` in turn, then with 202."""

    url: str = ""
    api_key: str = "key-1"
    mails: list[dict[str, Any]] = field(default_factory=list)
    """That it took."""
    headers: list[dict[str, str]] = field(default_factory=list)
    """Of every request, names in lower case."""
    statuses: list[int] = field(default_factory=list)
    refuses: str = "no such text"
    """It answers 400 to a mail that contains this."""

    def secret(self) -> str:
        """What has to be in the secret."""
        return json.dumps({"url": self.url, "api_key": self.api_key, "sender": "news@example.com"})

    def answer(self, headers: dict[str, str], body: bytes) -> int:
        self.headers.append(headers)
        mail = json.loads(body)
        status = self.statuses.pop(0) if self.statuses else 202
        if headers["authorization"] != f"Bearer {self.api_key}":
            status = 401
        elif self.refuses in mail["text"]:
            status = 400
        if status == 202:
            self.mails.append(mail)
        return status


@contextmanager
def provider() -> Iterator[Provider]:
    """Listens as long as the context lasts."""
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = found.answer({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            if status == 307:
                self.send_header("Location", f"{found.url}/elsewhere")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """The library would write to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}/mails"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
