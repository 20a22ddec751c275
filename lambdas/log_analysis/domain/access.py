"""Access lines: the common and the combined log format, Application Load Balancers, and JSON of API Gateway."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdas.log_analysis.domain.found import Access

_CLF = re.compile(
    r'\S+ \S+ [^\[]{1,200}\[[^\]]{1,40}\] "(?P<method>[A-Z]{3,10}) (?P<path>\S+)(?: [^"]*)?" (?P<status>[1-5]\d\d) '
    r'(?P<size>\d+|-)(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?(?: (?P<seconds>\d+\.\d+))?'
)
"""Common and combined (Apache HTTP Server, "Log Files"); nginx's ``$request_time`` is often appended."""
_ALB = re.compile(
    r"(?:https?|h2|grpcs|wss?) \S+ \S+ \S+ \S+ (?P<times>-?[\d.]+ -?[\d.]+ -?[\d.]+) (?P<status>[1-5]\d\d) \S+ \d+ "
    r'(?P<size>\d+) "(?P<method>[A-Z]+|-) (?P<path>\S+)'
)
"""Fields by "Access logs for your Application Load Balancer"; -1 for a time that was not reached."""
_ORIGIN = re.compile(r"\A[a-z]+://[^/]+")

# Names that people give to API Gateway's variables ("Customize HTTP API access logs", "Set up logging for REST APIs").
_ROUTES = ("route_key", "routeKey", "resource_path", "resourcePath", "resource", "path", "uri", "request_uri")
_METHODS = ("http_method", "httpMethod", "method", "request_method")
_SIZES = ("response_bytes", "responseLength", "response_length", "body_bytes_sent", "bytes_sent", "size")
_MILLISECONDS = ("latency_ms", "responseLatency", "response_latency", "latency", "duration_ms")
_SECONDS = ("request_time", "duration_s")
_NO_ROUTE = (None, "", "-", "$default")
"""What stands for a route where there is none: the path tells more."""
_STATUSES = ("status", "statusCode", "status_code")


def access_of_text(text: str) -> Access | None:
    """The request of a line of text; None if it is none."""
    if '] "' in text and (found := _CLF.match(text)):
        seconds = found["seconds"]
        size = 0 if found["size"] == "-" else int(found["size"])
        milliseconds = float(seconds) * 1000 if seconds else None
        return Access(found["method"], _path(found["path"]), int(found["status"]), size, milliseconds)
    if text[:1] in "hgw" and (found := _ALB.match(text)):
        times = [float(each) for each in found["times"].split()]
        milliseconds = None if min(times) < 0 else sum(times) * 1000
        return Access(found["method"], _path(found["path"]), int(found["status"]), int(found["size"]), milliseconds)
    return None


def access_of_fields(fields: Mapping[str, Any]) -> Access | None:
    """The request of a JSON object; None if it is none: it has a status, a route, and no message."""
    status = _number(fields, _STATUSES)
    route = next((fields[name] for name in _ROUTES if fields.get(name) not in _NO_ROUTE), None)
    if status is None or not 100 <= status < 600 or not isinstance(route, str) or "message" in fields:
        return None
    method, _, path = route.partition(" ")
    if not path:
        method, path = str(_first(fields, _METHODS) or "-"), route
    milliseconds = _number(fields, _MILLISECONDS)
    if milliseconds is None and (seconds := _number(fields, _SECONDS)) is not None:
        milliseconds = seconds * 1000
    return Access(method, _path(path), int(status), int(_number(fields, _SIZES) or 0), milliseconds)


def _path(path: str) -> str:
    return _ORIGIN.sub("", path, count=1).partition("?")[0] or "/"


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if name in fields), None)


def _number(fields: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    """The gateway writes numbers as strings, and ``-`` for none."""
    value = _first(fields, names)
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e15 else None
