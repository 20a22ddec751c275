"""Whatever a client sends, it gets an answer with a reason below 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lambdas.common.http.routes import AnyRoute
from lambdas.web_backend.contract.routes import ROUTES
from tests.web_backend.client import Client
from tests.web_backend.conftest import Cloud

ANYTHING = settings(
    max_examples=300,
    phases=[Phase.generate],
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ITEM = "01940000-0000-7000-8000-000000000000"
NASTY = [
    "", " ", "\0", "\ud800", "*", "/", "..", "%2e%2e", "#", "item#", "null", "-1", "1e400", "9" * 400, "0x10", "NaN",
    "2026-11-21T12:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", '"0"', '""', 'W/"0"', '"0", *',
    "{}", ITEM, ITEM.upper(), "ffffffff-ffff-7fff-bfff-ffffffffffff", "00000000-0000-7000-8000-000000000000", "é",
    "🌻" * 300, ",".join(f'"{at:x}"' for at in range(500)), "application/json", "a" * 2_000, "a.b",
    "\r\nset-cookie: a=b",
]  # fmt: skip
texts = st.sampled_from(NASTY) | st.text(st.characters(), max_size=50)
"""`st.characters` has lone surrogates, too."""
numbers = (
    st.sampled_from([0, -0.0, 1e-320, 1.7e308, 10**400, -(10**39), 1e39, float("nan"), float("inf")]) | st.integers()
)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)

BODIES: dict[str, Any] = {
    "create_item": {"title": "t", "description": "d", "tags": ["a"], "image_id": ITEM},
    "update_item": {"title": "t", "tags": []},
    "set_preferences": {"tags": {"a": 0.5}},
    "create_upload": {"content_type": "image/png"},
    "create_order": {"lines": [{"item_id": ITEM, "product": "a4", "quantity": 1}]},
}
"""What is taken, to be spoilt in one place."""


@st.composite
def spoilt(draw: st.DrawFn, body: Any) -> Any:
    """A body in which something is something else."""
    if isinstance(body, dict) and body and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(body)))
        return {**body, name: draw(spoilt(body[name]))} | draw(st.dictionaries(texts, json_values, max_size=1))
    if isinstance(body, list) and body and draw(st.booleans()):
        return [draw(spoilt(body[0])), *body[1:], *draw(st.lists(json_values, max_size=2))]
    return draw(json_values | st.just(body))


@st.composite
def bodies(draw: st.DrawFn, route: AnyRoute) -> str | bytes | None:
    """Spoilt JSON, and what is none."""
    text = json.dumps(draw(spoilt(BODIES.get(route.operation, {}))), ensure_ascii=draw(st.booleans()))
    deep = draw(st.sampled_from(["[", '{"a":', '{"title":[']))
    return draw(
        st.sampled_from([text, text, text, text[:-1], deep * 9_000, None, "", text.encode(errors="replace")])
        | st.binary(max_size=40)
        | texts
    )


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request to one of the routes, with anything in all places where clients can put something."""
    route = draw(st.sampled_from(ROUTES))
    names = route.query.__struct_fields__ or ("x",)
    headers = ("if-match", "if-none-match", "idempotency-key", "content-type", "accept")
    return {
        "route_key": draw(st.sampled_from(route.keys)),
        "body": draw(bodies(route)),
        "query": draw(st.dictionaries(st.sampled_from(names) | texts, texts, max_size=3)),
        "headers": {"if-match": "*"} | draw(st.dictionaries(st.sampled_from(headers), texts, max_size=3)),
        **{name: draw(texts) for name in route.names},
    }


def problems(found: Any) -> Iterator[str]:
    """What is wrong with an answer, whatever it says."""
    if found.status >= 500:
        yield "an error of the function"
    if found.status >= 400 and found.headers["content-type"] != "application/problem+json":
        yield "no problem details"
    if found.body:
        msgspec.json.decode(found.body)
    if any("\n" in value or "\r" in value for value in found.headers.values()):
        yield "a header that is two"


@ANYTHING
@given(request=requests())
def test_no_request_makes_the_function_fail(ann: Client, request: dict[str, Any]) -> None:
    found = ann(request.pop("route_key"), request.pop("body"), **request)
    assert list(problems(found)) == [], (request, found)


@ANYTHING
@given(title=st.text(min_size=1, max_size=200), description=st.text(max_size=500))
def test_every_text_is_kept_to_the_letter(ann: Client, cloud: Cloud, title: str, description: str) -> None:
    del cloud
    made = ann.create(title, description=description)
    found = ann.item(made.json["item_id"]).json
    assert (found["title"], found["description"]) == (title, description)


@pytest.mark.parametrize("item_id", ["ffffffff-ffff-7fff-bfff-ffffffffffff", ITEM.upper(), "x", "", "\ud800", "../x"])
def test_a_path_that_no_item_can_have_is_not_found(ann: Client, item_id: str) -> None:
    for route in ("GET /items/{item_id}", "DELETE /items/{item_id}", "PUT /me/views/{item_id}"):
        assert ann(route, item_id=item_id).status == 404
    assert ann("GET /orders/{order_id}", order_id=item_id).status == 404
    assert ann("GET /images/{image_id}", image_id=item_id).status == 404
