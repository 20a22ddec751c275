"""Routes, each declared once in a slice's contract.

The construct makes the gateway's routes of them, the function dispatches on them, and the OpenAPI document is generated
from them, so that none of the three can say something else.
"""

from __future__ import annotations

import re
from typing import Any, Generic, Literal, cast

import msgspec
from typing_extensions import TypeVar

USER = ("aws.cognito.signin.user.admin",)
"""The scope that Amazon Cognito writes into the access tokens of users who signed in with its API; identity tokens have
none, so that a route of this scope refuses them."""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters, no body."""


P = TypeVar("P", bound=msgspec.Struct, default=Nothing)
Q = TypeVar("Q", bound=msgspec.Struct, default=Nothing)
B = TypeVar("B", bound=msgspec.Struct, default=Nothing)

_NOTHING = cast(Any, Nothing)


class Throttle(msgspec.Struct, frozen=True, kw_only=True):
    """What a route takes before the gateway answers 429: requests per second in the long run, and at once."""

    rate: float
    burst: int


class Route(msgspec.Struct, Generic[P, Q, B], frozen=True, kw_only=True):
    """One method of one path.

    Models are structs: ``parameters`` of the path, ``query``, ``body`` and ``answer``. Every GET is a HEAD as well.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    """Such as ``/items/{item_id}``; in braces are fields of ``parameters``."""
    operation: str
    """Name in the OpenAPI document, and in logs and metrics."""
    summary: str
    parameters: type[P] = _NOTHING
    query: type[Q] = _NOTHING
    body: type[B] = _NOTHING
    status: int = 200
    """Of success."""
    answer: Any = None
    """Model of what comes with it; None for an empty body."""
    scopes: tuple[str, ...] | None = USER
    """Of which a token needs one; None lets in everybody."""
    idempotent: bool = False
    """Whether ``Idempotency-Key`` is heard, and the same key and body get the same answer for a day."""
    if_match: Literal["required", "heard"] | None = None
    """Whether ``If-Match`` is needed, or at least observed: else another one's change could be lost."""
    etag: bool = False
    """Whether success comes with an ETag."""
    location: bool = False
    """Whether success says where what was made is to be found."""
    problems: tuple[int, ...] = ()
    """Statuses that the operation answers by itself, beside those that follow from the fields above."""
    throttle: Throttle | None = None
    """Tighter than the stage's own."""
    needs: str | None = None
    """What a stage has to wire for this route to be there."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Route keys of the gateway that lead here: ``GET /items``, ``HEAD /items``."""
        methods = ("GET", "HEAD") if self.method == "GET" else (self.method,)
        return tuple(f"{method} {self.path}" for method in methods)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the path's parameters, in its order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def takes_body(self) -> bool:
        """Whether a request has a body."""
        return self.body is not _NOTHING


AnyRoute = Route[Any, Any, Any]


def allowed_methods(routes: tuple[AnyRoute, ...]) -> dict[str, str]:
    """``Allow`` of each path: its methods, in a fixed order."""
    methods: dict[str, set[str]] = {}
    for route in routes:
        methods.setdefault(route.path, set()).update(key.split(" ")[0] for key in route.keys)
    return {path: ", ".join(sorted(each)) for path, each in methods.items()}
