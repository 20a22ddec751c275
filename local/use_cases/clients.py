"""Sends requests as a browser or an application does, and tells of them on the page."""

from __future__ import annotations

import http.client
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from local.use_cases.outcome import Listing, UseCaseError

T = TypeVar("T")

JSON = "application/json"
_TIMEOUT_SECONDS = 40
"""Longer than any gateway waits for its function."""
_TOLD_CHARACTERS = 200
_LONG_ID = re.compile(r"[0-9A-Fa-f-]{16,}([0-9A-Fa-f]{4})")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def read(self, model: type[T]) -> T:
        """The body as its model; anything more or less than that is refused.

        Raises:
            UseCaseError: it is none.
        """
        try:
            return msgspec.json.decode(self.body, type=model)
        except msgspec.MsgspecError as error:
            raise UseCaseError(f"no {getattr(model, '__name__', model)} in {self.text!r}: {error}") from error

    @property
    def text(self) -> str:
        """The beginning of the body."""
        return self.body[:_TOLD_CHARACTERS].decode(errors="replace")


@dataclass(frozen=True, kw_only=True)
class Client:
    """Somebody who sends requests.

    The address is that of the laptop cloud, whatever the host is: not every computer's resolver knows names that end in
    ``.localhost``.
    """

    address: str
    base: str = ""
    """Path that all others follow."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of every request; ``host`` where it is not the address."""

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """Sends a request; redirects are not followed.

        Raises:
            UseCaseError: there is no answer.
        """
        connection = http.client.HTTPConnection(self.address, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, self.base + path, body or None, {**self.headers, **(headers or {})})
            answer = connection.getresponse()
            return Reply(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.getheaders()},
                body=answer.read(),
            )
        except (OSError, http.client.HTTPException) as error:
            raise UseCaseError(f"{method} {path} has no answer: {type(error).__name__} {error}") from error
        finally:
            connection.close()


@dataclass
class Transcript:
    """Requests with their answers, and whatever is not as it should be."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def ask(
        self,
        shows: str,
        client: Client,
        request: str,
        *,
        expect: int,
        sends: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Sends a request such as ``GET /items``; another status than expected is a problem.

        ``sends`` is encoded as JSON; a ``body`` goes as it is, of the type that the headers say.
        """
        method, _, path = request.partition(" ")
        sent = {} if sends is None else {"content-type": JSON}
        data = msgspec.json.encode(sends) if sends is not None else body or b""
        reply = client.send(method, path, data, {**sent, **(headers or {})})
        self.note(shows, request, reply, expect=expect)
        return reply

    def note(self, shows: str, request: str, reply: Reply, *, expect: int) -> None:
        """Tells of a request that was sent already."""
        self.rows.append((shortened(request), f"{reply.status}", shows))
        self.check(
            reply.status == expect, f"{request} is answered {reply.status}, not {expect} ({shows}): {reply.text}"
        )

    def check(self, right: bool, problem: str) -> None:  # noqa: FBT001
        """Notes a problem unless something is right."""
        if not right:
            self.problems.append(problem)

    def listing(self, *, whole: bool) -> Listing:
        """All of it for the page; what was asked several times for the same reason, once."""
        times = Counter((status, shows) for _, status, shows in self.rows)
        first: dict[tuple[str, str], str] = {}
        for request, status, shows in self.rows:
            first.setdefault((status, shows), request)
        told = tuple(
            (request, status, shows if times[status, shows] == 1 else f"{shows} ({times[status, shows]} times)")
            for (status, shows), request in first.items()
        )
        return Listing(
            title="Requests", heads=("Request", "Answer", "What it shows"), rows=told, numbers=(1,), whole=whole
        )


def shortened(text: str) -> str:
    """Long ids take room, and tell nobody anything."""
    return _LONG_ID.sub(r"…\1", text)
