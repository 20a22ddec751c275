"""Whatever a client sends, it is told what was wrong: no request ends in a 500."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.mobile_backend import api
from lambdas.mobile_backend.contract.routes import ROUTES
from tests.events.api_gateway import rest_api_event
from tests.mobile_backend.world import World
from tests.support.schedules import SCHEDULES, under_schedules

texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["apns", "fcm", "push", "a" * 401, "x" * 1_001, "0" * 32, "\x00", "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11"]
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
fields = st.sampled_from(["platform", "token", "title", "text", "channels", "recipient", "more"])
bodies = st.one_of(
    st.none(),
    st.dictionaries(fields, values).map(json.dumps),
    values.map(json.dumps),
    st.text(max_size=50),
    st.binary(max_size=50),
    st.sampled_from(["[" * 100_000, '{"title":"' + "x" * 20_000 + '"}', '{"title": "\\ud800", "text": "x"}', "\ud800"]),
)
valid = st.sampled_from(
    [
        '{"platform": "apns", "token": "abcdefgh"}',
        '{"title": "Hello", "text": "World"}',
        '{"title": "Hello", "text": "World", "channels": ["push", "push"]}',
    ]
)
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "content-type", "Idempotency-Key", "If-None-Match", "X-Other"]),
    st.one_of(texts, st.just("application/json")),
    max_size=3,
)


@settings(under_schedules, max_examples=SCHEDULES)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    st.sampled_from([*(route.path for route in ROUTES), "/elsewhere"]),
    texts,
    st.dictionaries(st.one_of(st.just("limit"), texts), texts, max_size=2),
    headers,
    st.one_of(bodies, valid),
)
def test_no_request_is_answered_with_an_error_of_the_server(
    method: str, path: str, parameter: str, query: dict[str, str], headers: dict[str, str], body: Any
) -> None:
    parameters = {"device_id": parameter} if "{" in path else None
    event = rest_api_event(f"{method} {path}", parameters=parameters, query=query, headers=headers, body=body)
    world = World()
    answer = world._handled(api, event)
    assert answer["statusCode"] < 500
    json.dumps(answer).encode()
    if answer["statusCode"] >= 400 and method != "HEAD":
        problem = json.loads(answer["body"])
        assert problem["status"] == answer["statusCode"]
        assert problem["detail"]
        assert answer["headers"]["content-type"] == "application/problem+json"
