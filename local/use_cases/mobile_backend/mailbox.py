"""A mail provider on this computer: it takes mails by HTTP, each Idempotency-Key once, and keeps them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import msgspec

from lambdas.mobile_backend.contract import Mail


@dataclass(frozen=True)
class Received:
    """A mail, and what it came with."""

    mail: Mail
    idempotency_key: str


@dataclass
class Mailbox:
    """Listens on a free port as long as the context lasts; whoever has not the key is refused."""

    api_key: str
    received: list[Received] = field(default_factory=list)
    refused: int = 0

    def __enter__(self) -> Self:
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            """Takes a mail by POST."""

            def do_POST(self) -> None:
                """Answers 202, or 401 to another key."""
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(mailbox.take(self.headers["authorization"], self.headers["idempotency-key"], body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
                """Nothing: the demo tells of mails itself."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where mails are to be sent."""
        return f"http://127.0.0.1:{self._server.server_port}/mails"

    def take(self, authorization: str | None, idempotency_key: str | None, body: bytes) -> int:
        """Keeps a mail; the status to answer."""
        if authorization != f"Bearer {self.api_key}":
            self.refused += 1
            return 401
        if not idempotency_key or all(idempotency_key != each.idempotency_key for each in self.received):
            self.received.append(Received(msgspec.json.decode(body, type=Mail), idempotency_key or ""))
        return 202
