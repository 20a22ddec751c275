"""Answers requests by the contract: each is checked against its route before an operation sees it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from lambdas.common.http.exchange import Answer, Call, IdempotencyKey, Request, answer
from lambdas.common.http.problems import PROBLEM_JSON, ProblemError, fault_of
from lambdas.common.http.routes import AnyRoute, B, Nothing, P, Q, Route, allowed_methods

_NOTHING = Nothing()
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ETAGS = re.compile(r'\s*(?:W/)?"([\x21\x23-\x7e]*)"\s*')
_STRONG = re.compile(r'\s*"([\x21\x23-\x7e]*)"\s*')


class Bound(msgspec.Struct, frozen=True):
    """A route with what answers it; made by `bind`."""

    route: AnyRoute
    operation: Callable[[Any], Answer]


def bind(route: Route[P, Q, B], operation: Callable[[Call[P, Q, B]], Answer]) -> Bound:
    """Ties an operation to its route; the type checker holds its models against the route's."""
    return Bound(route, operation)


class Api:
    """All operations of a function, found by route key.

    Raises:
        UnavailableError: AWS did not do what was asked; the request is to be sent again.
    """

    def __init__(self, operations: Sequence[Bound], *, max_body_bytes: int) -> None:
        self._endpoints = {
            key: endpoint
            for endpoint in (_Endpoint(each, max_body_bytes) for each in operations)
            for key in endpoint.route.keys
        }
        self._allowed = allowed_methods(tuple(each.route for each in operations))

    def __call__(self, request: Request) -> Answer:
        """The answer to a request, whatever it holds."""
        endpoint = self._endpoints.get(request.route_key)
        try:
            if endpoint is None:
                raise self._no_such_method(request)
            found = endpoint.operation(endpoint.call(request))
        except ProblemError as error:
            return problem(error, request)
        if endpoint.reads:
            return _unless_known(found, request)
        return found

    def operation_of(self, request: Request) -> str:
        """Name of the operation, for logs and metrics."""
        endpoint = self._endpoints.get(request.route_key)
        return endpoint.route.operation if endpoint else request.route_key

    def _no_such_method(self, request: Request) -> ProblemError:
        path = request.route_key.partition(" ")[2]
        allowed = self._allowed.get(path)
        if allowed is None:
            return ProblemError(HTTPStatus.NOT_FOUND, "there is nothing under this path")
        return ProblemError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"this path takes {allowed}, not {request.method}",
            headers={"allow": allowed},
        )


def problem(error: ProblemError, request: Request) -> Answer:
    """The answer that tells a client of a problem."""
    headers = {"content-type": PROBLEM_JSON, **error.headers}
    return _as_asked(answer(error.problem.status, error.problem, **headers), request)


def _unless_known(found: Answer, request: Request) -> Answer:
    """What was read, unless the client has it already (RFC 9110, If-None-Match)."""
    known, etag = request.headers.get("if-none-match"), found.headers.get("etag")
    if known is not None and etag is not None and (known.strip() == "*" or etag.strip('"') in _etags(known, _ETAGS)):
        return Answer(HTTPStatus.NOT_MODIFIED, "", found.headers)
    return _as_asked(found, request)


def _as_asked(found: Answer, request: Request) -> Answer:
    """A HEAD is answered like the GET, but for the body."""
    return Answer(found.status, "", found.headers) if request.method == "HEAD" else found


class _Endpoint:
    """What is known of a route before there is a request."""

    def __init__(self, bound: Bound, max_body_bytes: int) -> None:
        self.route = route = bound.route
        self.operation = bound.operation
        self.reads = route.method == "GET"
        self._max_body_bytes = max_body_bytes
        self._decode = msgspec.json.Decoder(route.body).decode if route.takes_body else None
        self._has_parameters = route.parameters is not Nothing
        self._has_query = route.query is not Nothing

    def call(self, request: Request) -> Call[Any, Any, Any]:
        """The request as the operation gets it. Raises ProblemError."""
        route = self.route
        return Call(
            request.user_id,
            request.claims,
            self._parameters(request) if self._has_parameters else _NOTHING,
            self._query(request) if self._has_query or request.query else _NOTHING,
            self._body(request, self._decode) if self._decode else _NOTHING,
            _revisions(request, required=route.if_match == "required") if route.if_match else None,
            _idempotency(route, request) if route.idempotent else None,
        )

    def _parameters(self, request: Request) -> Any:
        try:
            return msgspec.convert(request.parameters, self.route.parameters, strict=False)
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"nothing can have such a path: {error}") from error

    def _query(self, request: Request) -> Any:
        try:
            return msgspec.convert(request.query, self.route.query, strict=False)
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"query: {error}") from error

    def _body(self, request: Request, decode: Callable[[bytes], Any]) -> Any:
        content_type = request.headers.get("content-type", "")
        if content_type != "application/json" and not _is_json(content_type):
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"the body is of content type {content_type!a}: send application/json",
                headers={"accept": "application/json"},
            )
        body = _bytes(request.body)
        if len(body) > self._max_body_bytes:
            raise ProblemError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body has {len(body):,} bytes, and {self._max_body_bytes:,} are taken",
            )
        try:
            return decode(body)
        except msgspec.ValidationError as error:
            fault = fault_of(error)
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"the body is not as it should be: {error}", errors=(fault,)
            ) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from error


def _bytes(body: str | bytes) -> bytes:
    if isinstance(body, bytes):
        return body
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from error


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _revisions(request: Request, *, required: bool) -> tuple[str, ...] | None:
    header = request.headers.get("if-match")
    if header is None:
        if required:
            raise ProblemError(
                HTTPStatus.PRECONDITION_REQUIRED,
                "say in If-Match which version you have seen, by its ETag, so that nobody's change is lost",
            )
        return None
    if header.strip() == "*":
        return None
    return tuple(_etags(header, _STRONG))


def _etags(header: str, form: re.Pattern[str]) -> list[str]:
    """Those of a list; what is in no such form matches nothing."""
    return [found[1] for found in map(form.fullmatch, header.split(",")) if found]


def _idempotency(route: AnyRoute, request: Request) -> IdempotencyKey | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "an Idempotency-Key has 1 to 255 visible ASCII characters, such as a UUID"
        )
    return IdempotencyKey(route.operation, key, hashlib.sha256(_bytes(request.body)).hexdigest())
