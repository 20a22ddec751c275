"""What a browser does with the API: requests as the gateway hands them to the real handler, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.events.api_gateway import USER_ID, http_api_event
from tests.web_backend.conformance import check_documented

Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Response:
    """An answer; ``json`` of a body that is JSON."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class Context:
    """The part of Lambda's context object that functions use."""

    aws_request_id = "8a6ad9c2-3c4b-4d8e-9f57-0f2b1c3d4e5f"


@dataclass(frozen=True)
class Client:
    """One user; ``parameters`` of the path come by name."""

    handler: Handler
    user_id: str | None = USER_ID
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self,
        route_key: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        method: str | None = None,
        **parameters: str,
    ) -> Response:
        """Sends a request; a body that is no text is written as JSON. Each answer has to be one that is documented."""
        event = http_api_event(
            route_key,
            method=method,
            parameters=parameters,
            query=query,
            headers={**self.headers, **(headers or {})},
            body=body if body is None or isinstance(body, str | bytes) else json.dumps(body),
            user_id=self.user_id,
        )
        answer = self.handler(json.loads(json.dumps(event)), Context())
        # Lambda hands the answer over as JSON.
        answer = json.loads(json.dumps(answer))
        check_documented(route_key, answer["statusCode"], answer["headers"], answer["body"])
        return Response(answer["statusCode"], answer["headers"], answer["body"])

    # --- what many tests begin with ---------------------------------------------------------------------------------

    def create(self, title: str = "Harbour", **more: Any) -> Response:
        """Makes an item."""
        made = self("POST /items", {"title": title, **more})
        assert made.status == 201, made.body
        return made

    def item(self, item_id: str) -> Response:
        return self("GET /items/{item_id}", item_id=item_id)

    def update(self, item_id: str, title: str, if_match: str) -> Response:
        return self("PUT /items/{item_id}", {"title": title}, headers={"if-match": if_match}, item_id=item_id)

    def titles(self) -> list[str]:
        """Of all items, newest first."""
        listed = self("GET /items", query={"limit": "100"}).json
        assert listed["next_cursor"] is None
        return [each["title"] for each in listed["items"]]
