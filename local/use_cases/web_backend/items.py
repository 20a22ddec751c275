"""The life of an item, and what a request gets that is not as it should be."""

from __future__ import annotations

import uuid
from urllib.parse import urljoin

import msgspec

from lambdas.common.http.problems import PROBLEM_JSON, Problem
from lambdas.web_backend.contract.models import Item, ItemPage
from local.use_cases.chapters import Shown
from local.use_cases.clients import JSON, Client, Reply, Transcript
from local.use_cases.outcome import Listing
from local.use_cases.web_backend.visit import Visit

_NO_SUCH_ITEM = "0193a0b0-0000-7000-8000-000000000000"


def life_of_an_item(visit: Visit, transcript: Transcript) -> Shown:
    """Made once though it was asked for twice, edited by two who do not know of each other, listed, deleted."""
    ask, owner = transcript.ask, visit.owner
    draft, once = {"title": "Lighthouse", "tags": ["sea"]}, {"idempotency-key": str(uuid.uuid4())}
    made = ask("an item is made", owner, "POST /items", expect=201, sends=draft, headers=once)
    item = made.read(Item)
    path = f"/items/{item.item_id}"
    found_at = urljoin("/items", made.headers.get("location", ""))
    transcript.check(found_at == path, f"Location leads to {found_at}, not to {path}")
    again = ask("sent again with its Idempotency-Key", owner, "POST /items", expect=201, sends=draft, headers=once)
    transcript.check(again.body == made.body, "the second answer to an Idempotency-Key is not the first one")
    ask("the key of another body", owner, "POST /items", expect=422, sends={"title": "Pier"}, headers=once)
    page = ask("it is there once", owner, "GET /items", expect=200).read(ItemPage)
    transcript.check(
        [each for each in page.items if each.title == "Lighthouse"] == [item], "the item is not there once"
    )
    _reads(visit, transcript, path, item)
    _edits(visit, transcript, path)
    ask("it is deleted", owner, f"DELETE {path}", expect=204)
    ask("it is gone", owner, f"GET {path}", expect=404)
    return Shown(facts=(("Owner", visit.person.email), ("Item", msgspec.json.encode(item).decode())))


def _reads(visit: Visit, transcript: Transcript, path: str, item: Item) -> None:
    ask, owner = transcript.ask, visit.owner
    found = ask("it is read", owner, f"GET {path}", expect=200)
    transcript.check(found.read(Item) == item, "what is read is not what was made")
    head = ask("the same without its body", owner, f"HEAD {path}", expect=200)
    transcript.check(not head.body and head.headers.get("etag") == found.headers.get("etag"), "HEAD is not as GET")
    known = {"if-none-match": found.headers.get("etag", "")}
    ask("the browser has it already", owner, f"GET {path}", expect=304, headers=known)
    ask("somebody else's is not there", visit.stranger, f"GET {path}", expect=404)


def _edits(visit: Visit, transcript: Transcript, path: str) -> None:
    ask, owner = transcript.ask, visit.owner
    seen = {"if-match": ask("two have it open", owner, f"GET {path}", expect=200).headers.get("etag", "")}
    first, second = ({"title": title, "tags": ["sea"]} for title in ("Lighthouse at dusk", "Lighthouse in fog"))
    ask("the first one saves", owner, f"PUT {path}", expect=200, sends=first, headers=seen)
    ask("the second one has a stale ETag", owner, f"PUT {path}", expect=412, sends=second, headers=seen)
    ask("without an ETag nothing is overwritten", owner, f"PUT {path}", expect=428, sends=second)
    found = ask("the first one's words stand", owner, f"GET {path}", expect=200).read(Item)
    transcript.check(found.title == first["title"], f"the item is called {found.title!r}")


def refusals(visit: Visit, transcript: Transcript) -> Shown:
    """What gateway and function say to requests that cannot be answered, and what of it a program can read."""
    ask, owner, anybody = transcript.ask, visit.owner, visit.anybody
    ask("no token", anybody, "GET /items", expect=401)
    forged = Client(address=owner.address, base=owner.base, headers={"authorization": _forged(visit)})
    ask("a token whose signature is not Cognito's", forged, "GET /items", expect=401)
    answers = [
        ask("a method that there is not", owner, "PUT /items", expect=405, sends={}),
        ask("no JSON", owner, "POST /items", expect=400, body=b"{", headers={"content-type": JSON}),
        ask("another type", owner, "POST /items", expect=415, body=b"<a/>", headers={"content-type": "text/xml"}),
        ask("a field that nobody knows", owner, "POST /items", expect=422, sends={"title": "A", "colour": "red"}),
        ask("a tag of a wrong form", owner, "POST /items", expect=422, sends={"title": "A", "tags": ["a", "B C"]}),
        ask("a body of 70 kB", owner, "POST /items", expect=413, sends={"title": "A", "description": "x" * 70_000}),
        ask("no such item", owner, f"GET /items/{_NO_SUCH_ITEM}", expect=404),
        ask("no such page", owner, "GET /items?cursor=elsewhere", expect=400),
    ]
    allowed = answers[0].headers.get("allow", "")
    transcript.check(allowed == "GET, HEAD, POST", f"Allow is {allowed!r}")
    problems = [_problem(transcript, each) for each in answers]
    pointers = [fault.pointer for fault in problems[4].errors]
    transcript.check(pointers == ["#/tags/1"], f"the wrong tag is pointed to by {pointers}")
    details = Listing(
        title="Problem details of the wrong tag (RFC 9457)",
        heads=("Where", "What is wrong"),
        rows=tuple((fault.pointer, fault.detail) for fault in problems[4].errors),
        code=msgspec.json.format(answers[4].body).decode(),
    )
    return Shown(listings=(details,), facts=(("Allow", allowed),))


def _forged(visit: Visit) -> str:
    """The owner's token, with its claims under somebody else's signature."""
    head, _, signature = visit.owner.headers["authorization"].rpartition(".")
    return f"{head}.{signature[::-1]}"


def _problem(transcript: Transcript, reply: Reply) -> Problem:
    problem = reply.read(Problem)
    transcript.check(reply.headers.get("content-type") == PROBLEM_JSON, f"{problem.title} is no {PROBLEM_JSON}")
    transcript.check(problem.status == reply.status, f"{problem.title} says {problem.status}")
    transcript.check("x-request-id" in reply.headers, f"{problem.title} has no request id")
    return problem
