"""How the demo sends requests, and what it tells of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from local.use_cases.clients import Client, Reply, Transcript, shortened
from local.use_cases.outcome import UseCaseError


class Echo(BaseHTTPRequestHandler):
    """Tells what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        answer = msgspec.json.encode({"path": self.path, "body": body, "headers": dict(self.headers)})
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Seen", "yes")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_request_goes_to_the_address_under_the_name_that_it_is_for(address: str) -> None:
    client = Client(address=address, base="/api", headers={"host": "label.cloudfront.localhost:1", "a": "1", "b": "1"})
    reply = client.send("POST", "/items", b"{}", {"b": "2"})
    told = reply.read(dict)
    assert (reply.status, reply.headers["x-seen"]) == (201, "yes")
    assert (told["path"], told["body"]) == ("/api/items", "{}")
    names = {name.lower(): value for name, value in told["headers"].items()}
    assert (names["host"], names["a"], names["b"]) == ("label.cloudfront.localhost:1", "1", "2")


def test_what_is_sent_as_a_model_is_json(address: str) -> None:
    reply = Transcript().ask("it", Client(address=address), "POST /items", expect=201, sends={"title": "A"})
    told = reply.read(dict)
    assert (told["body"], told["headers"]["content-type"]) == ('{"title":"A"}', "application/json")


def test_nobody_at_the_address_is_told() -> None:
    with pytest.raises(UseCaseError, match="GET /items has no answer: ConnectionRefusedError"):
        Client(address="127.0.0.1:1").send("GET", "/items")


class Known(msgspec.Struct, forbid_unknown_fields=True):
    a: int


@pytest.mark.parametrize("body", [b'{"a": "1"}', b'{"a": 1, "b": 1}', b"<html>", b"", b"\xff"])
def test_a_body_of_another_form_is_told_with_its_beginning(body: bytes) -> None:
    with pytest.raises(UseCaseError, match="no Known in "):
        Reply(status=200, headers={}, body=body).read(Known)


def noted(*requests: tuple[str, int, str]) -> Transcript:
    transcript = Transcript()
    for request, status, shows in requests:
        transcript.note(shows, request, Reply(status=status, headers={}, body=b"told"), expect=200)
    return transcript


def test_another_status_is_a_problem_with_what_was_answered() -> None:
    problems = noted(("GET /a", 200, "right"), ("GET /b", 500, "wrong")).problems
    assert problems == ["GET /b is answered 500, not 200 (wrong): told"]


def test_what_was_asked_again_and_again_is_listed_once() -> None:
    transcript = noted(
        ("GET /a", 200, "same"), ("GET /b", 200, "other"), ("GET /c", 200, "same"), ("GET /d", 500, "same")
    )
    rows = transcript.listing(whole=False).rows
    assert rows == (("GET /a", "200", "same (2 times)"), ("GET /b", "200", "other"), ("GET /d", "500", "same"))


def test_ids_are_shortened_and_words_are_not() -> None:
    path = (
        "/renditions/3f2a9c0b7d1e4f5a6b7c8d9e0f1a2b3c/000006611FDAD0000-ac9109325eb9ae98/thumbnail-of-a-lighthouse.jpg"
    )
    assert shortened(path) == "/renditions/…2b3c/…ae98/thumbnail-of-a-lighthouse.jpg"
