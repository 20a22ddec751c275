"""Which requests an answer leads to: what it names, other paths take."""

from __future__ import annotations

from typing import Any

import msgspec

from lambdas.common.http.routes import AnyRoute


def links(route: AnyRoute, routes: tuple[AnyRoute, ...]) -> dict[str, Any]:
    """Links from a route's answer, by operation: to what it names, and to changes of what it is the ETag of."""
    return {
        other.operation: {"operationId": other.operation, "parameters": _parameters(route, other)}
        for other in routes
        if other is not route and (_names(route, other) or _is_changed_by(route, other))
    }


def _names(route: AnyRoute, other: AnyRoute) -> bool:
    """Whether all parameters of the other one's path are fields of the answer."""
    if not other.names or not msgspec.inspect.is_struct_type(route.answer):
        return False
    return {field.encode_name for field in msgspec.structs.fields(route.answer)}.issuperset(other.names)


def _is_changed_by(route: AnyRoute, other: AnyRoute) -> bool:
    return bool(route.path == other.path and not other.names and route.etag and other.if_match)


def _parameters(route: AnyRoute, other: AnyRoute) -> dict[str, str]:
    found = {f"path.{name}": f"$response.body#/{name}" for name in other.names}
    if other.if_match and route.etag:
        found["header.If-Match"] = "$response.header.etag"
    return found
