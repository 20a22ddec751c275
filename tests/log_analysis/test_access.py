"""Requests out of access lines of several formats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.log_analysis.domain.found import Access
from lambdas.log_analysis.domain.messages import read

# Samples of "Log Files" (Apache HTTP Server) and "Access logs for your Application Load Balancer".
COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326'
COMBINED = f'{COMMON} "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I \\"Nav\\")"'
BALANCED = (
    "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 "
    '0.086 0.048 0.037 200 404 0 57 "GET https://www.example.com:443/shop/7?a=b HTTP/1.1" "curl/7.46.0" '
    "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2"
)
TEXTS = [
    (COMMON, Access("GET", "/apache_pb.gif", 200, 2326)),
    (COMBINED, Access("GET", "/apache_pb.gif", 200, 2326)),
    (f"{COMBINED} 0.125", Access("GET", "/apache_pb.gif", 200, 2326, 125.0)),
    (COMMON.replace("200 2326", "304 -"), Access("GET", "/apache_pb.gif", 304, 0)),
    (BALANCED, Access("GET", "/shop/7", 200, 57, pytest.approx(171.0))),  # type: ignore[arg-type]
    (BALANCED.replace("0.086 0.048 0.037 200", "-1 -1 -1 503"), Access("GET", "/shop/7", 503, 57)),
]
# This project's own format, and the samples of "Customize HTTP API access logs" and "Set up logging for REST APIs".
OWN = {
    "request_id": "a=",
    "time": "21/Nov/2026:12:00:00 +0000",
    "ip": "10.0.0.1",
    "route_key": "GET /items/{id}",
    "path": "/api/items/7",
    "status": "200",
    "response_bytes": "57",
    "latency_ms": "12",
    "error": "-",
}
HTTP = {
    "requestId": "a=",
    "ip": "10.0.0.1",
    "requestTime": "t",
    "httpMethod": "GET",
    "routeKey": "$default",
    "status": "200",
    "protocol": "HTTP/1.1",
    "responseLength": "57",
    "path": "/items",
}
REST = {
    "requestId": "a=",
    "ip": "10.0.0.1",
    "caller": "-",
    "user": "-",
    "requestTime": "t",
    "httpMethod": "GET",
    "resourcePath": "/items/{id}",
    "status": "502",
    "protocol": "HTTP/1.1",
    "responseLength": "57",
}
FIELDS = [
    (OWN, Access("GET", "/items/{id}", 200, 57, 12.0)),
    (HTTP, Access("GET", "/items", 200, 57)),
    (REST, Access("GET", "/items/{id}", 502, 57)),
    ({"status": 200, "request_uri": "/a?b", "method": "PUT", "request_time": 0.5}, Access("PUT", "/a", 200, 0, 500.0)),
]
NONE = [
    "GET /items/7 answered 200",
    '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "\\x16\\x03" 400 0',
    json.dumps({"status": "200", "message": "no route"}),
    json.dumps({"status": "200", "path": "/a", "message": "a route, and something to say about it"}),
    json.dumps({"status": "-", "path": "/a"}),
    json.dumps({"status": True, "path": "/a"}),
    json.dumps({"status": 7, "path": "/a"}),
    json.dumps({"status": 10**400, "path": "/a"}),
    json.dumps({"level": "INFO", "status": 200, "path": "/a"}),
]


@pytest.mark.parametrize(("line", "access"), TEXTS)
def test_lines_of_text_tell_of_a_request(line: str, access: Access) -> None:
    assert read(line) == access


@pytest.mark.parametrize(("fields", "access"), FIELDS)
def test_lines_of_json_tell_of_a_request(fields: dict[str, Any], access: Access) -> None:
    assert read(json.dumps(fields)) == access


@pytest.mark.parametrize("line", NONE)
def test_what_tells_of_no_request_is_passed_over(line: str) -> None:
    assert read(line) is None
