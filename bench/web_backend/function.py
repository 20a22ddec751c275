"""The whole Api function as a process: `python -m bench.web_backend.function`.

Answers every line with what an invocation takes, by operation, see `bench.invocations.Usage`: of a user with a gallery
of `GALLERY` items and as many views.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import Any, Final
from uuid import uuid4

from bench.invocations import Context, measured
from bench.web_backend import inputs
from bench.web_backend.implementations import environment
from bench.wire import Aws
from lambdas.web_backend.contract import ENTRY, USER_ID

GALLERY: Final = inputs.REQUESTS


def request(
    route_key: str, draft: object = None, item_id: str | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """An event of any route of the user's own."""
    made = inputs.event(json.dumps(draft) if draft is not None else None)
    method, _, path = route_key.partition(" ")
    made |= {"routeKey": route_key, "rawPath": f"/api{path.replace('{item_id}', item_id or '')}"}
    made["requestContext"] |= {"routeKey": route_key}
    made["requestContext"]["http"] |= {"method": method, "path": made["rawPath"]}
    made["headers"] |= headers or {}
    return made | ({"pathParameters": {"item_id": item_id}} if item_id else {})


class Gallery:
    """A user who has been here before."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler
        self.items = [self._made(request("POST /items", draft)) for draft in inputs.drafts(GALLERY)]
        likes = {"tags": {"harbour": 1, "fog": -0.5}}
        self._made(request("PUT /me/preferences", likes, headers={"if-match": "*"}))
        for item_id, _ in self.items:
            self._made(request("PUT /me/views/{item_id}", item_id=item_id))

    def _made(self, event: dict[str, Any]) -> tuple[str, str]:
        """Id and ETag of what there is then."""
        answer = self._handler(event, Context())
        if answer["statusCode"] >= 300:
            raise RuntimeError(f"{event['routeKey']} is answered {answer}")
        body = json.loads(answer["body"] or "{}")
        return body.get("item_id", ""), answer["headers"].get("etag", "")

    def events(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Some of every operation of the mix; each changes and deletes what is there."""
        drafts, items = inputs.drafts(GALLERY), self.items
        for name, path in (("list_items", "/items"), ("get_feed", "/me/feed"), ("get_preferences", "/me/preferences")):
            yield name, [request(f"GET {path}")] * GALLERY
        yield "get_item", [request("GET /items/{item_id}", item_id=item_id) for item_id, _ in items]
        yield "record_view", [request("PUT /me/views/{item_id}", item_id=item_id) for item_id, _ in items]
        keyed = [request("POST /items", draft, headers={"idempotency-key": str(uuid4())}) for draft in drafts]
        yield "create_item", keyed
        changed = zip(reversed(drafts), items, strict=True)
        yield (
            "update_item",
            [request("PUT /items/{item_id}", draft, item_id, {"if-match": etag}) for draft, (item_id, etag) in changed],
        )
        yield "delete_item", [request("DELETE /items/{item_id}", item_id=item_id) for item_id, _ in items]


def serve() -> None:
    """Answers requests until its input ends."""
    answers, logs = sys.stdout, io.StringIO()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        os.environ |= environment()
        aws = Aws(USER_ID, ENTRY)
        from lambdas.web_backend.api import handler, runtime

        runtime()
        Gallery(handler)  # the first call of a client loads its model
        print(json.dumps({"ready": "the whole function"}), file=answers, flush=True)
        for _ in sys.stdin:
            aws.reset()
            usages = {name: measured(aws, logs, handler, events) for name, events in Gallery(handler).events()}
            print(json.dumps({name: asdict(each) for name, each in usages.items()}), file=answers, flush=True)


if __name__ == "__main__":
    serve()
