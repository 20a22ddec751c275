"""What the function tells of itself, and which routes it has."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lambdas.common.http.api import Api
from lambdas.common.http.exchange import Request
from lambdas.web_backend import api
from lambdas.web_backend.adapters.document import DocumentFile
from lambdas.web_backend.contract import Wiring
from lambdas.web_backend.contract.routes import ROUTES
from lambdas.web_backend.workflow.service import ServiceOperations
from tests.web_backend.client import Client
from tests.web_backend.conftest import SETTINGS, WIRING, Cloud


def wirings() -> list[Wiring]:
    """Each other use case there or not."""
    fields = Wiring.__struct_fields__
    return [
        Wiring(**{name: getattr(WIRING, name) for name, wired in zip(fields, each, strict=True) if wired})
        for each in product([False, True], repeat=len(fields))
    ]


@pytest.mark.parametrize("wiring", wirings(), ids=lambda wiring: ",".join(sorted(wiring.needs_met)) or "alone")
@pytest.mark.usefixtures("cloud")
def test_the_routes_are_those_whose_needs_are_met(wiring: Wiring) -> None:
    made = api.make_api(replace(SETTINGS, wiring=wiring))
    there = {route.operation for route in ROUTES if has(made, route.keys[0])}
    needed = wiring.needs_met
    assert there == {route.operation for route in ROUTES if route.needs is None or route.needs in needed}


def has(made: Api, route_key: str) -> bool:
    """An `Api` names an operation only for keys that it has."""
    method = route_key.partition(" ")[0]
    request = Request(route_key, method, "u", {}, {}, {}, {}, "", "r")
    return made.operation_of(request) != route_key


def test_a_route_that_is_not_wired_is_not_there(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRING", "{}")
    api.runtime.cache_clear()
    assert ann("POST /orders", {}).status == 404


def test_who_is_well_says_so_to_everybody_without_asking_aws(cloud: Cloud) -> None:
    cloud.dynamodb.delete_table(TableName="items")
    assert Client(api.handler, None)("GET /health").json == {"status": "ok"}


@pytest.fixture
def document(ann: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the committed one."""
    del ann
    path = tmp_path / "openapi.json"
    path.write_text('{"openapi": "3.1.0", "info": {"title": "Gallery ⚓"}}')
    monkeypatch.setattr(api, "DOCUMENT", path)
    api.runtime.cache_clear()
    return path


def test_the_document_is_served_to_everybody_as_it_is_and_may_be_cached(document: Path) -> None:
    found = Client(api.handler, None)("GET /openapi.json")
    assert (found.status, found.body) == (200, document.read_text())
    assert found.headers["content-type"] == "application/json"
    assert found.headers["cache-control"] == "public, max-age=300"


def test_who_has_the_document_does_not_get_it_again_until_it_changes(document: Path) -> None:
    visitor = Client(api.handler, None)
    known = {"if-none-match": visitor("GET /openapi.json").etag}
    again = visitor("GET /openapi.json", headers=known)
    assert (again.status, again.headers["cache-control"]) == (304, "public, max-age=300")
    document.write_text("{}")
    api.runtime.cache_clear()
    assert visitor("GET /openapi.json", headers=known).body == "{}"


def test_the_document_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text("{}")
    service = ServiceOperations(DocumentFile(path))
    call: Any = None
    first = service.openapi(call)
    path.unlink()
    assert service.openapi(call) == first


def test_a_method_that_a_path_does_not_have_is_refused_with_those_that_it_has(ann: Client) -> None:
    refused = ann("ANY /items/{item_id}", method="PATCH", item_id="x")
    assert (refused.status, refused.headers["allow"]) == (405, "DELETE, GET, HEAD, PUT")


def test_log_lines_and_answers_name_the_same_request(ann: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = ann("GET /items")
    [line] = [vars(each) for each in caplog.records if each.message == "answered"]
    assert (line["operation"], line["status"]) == ("list_items", 200)
    assert line["gateway_request_id"] == answer.headers["x-request-id"]


def test_when_dynamodb_is_away_clients_are_asked_to_come_again(
    ann: Client, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.dynamodb.delete_table(TableName="items")
    refused = ann("GET /items")
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert "items" not in refused.json["detail"], "what is inside is nobody's business"
    [why] = [vars(each)["reason"] for each in caplog.records if each.levelname == "WARNING"]
    assert "ResourceNotFoundException" in why


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"headers": {"content-type": "text/plain"}}, 415),
        ({"body": "{"}, 400),
        ({"body": "\ud800"}, 400),
        ({"body": b"\xff"}, 400),
        ({"body": '{"title": ' + "[" * 100_000}, 413),
        ({"body": '{"title": ' + "[" * 20_000}, 422),
        ({"body": '{"title": NaN}'}, 400),
        ({"body": '{"title": 1}'}, 422),
        ({"body": '{"title": ""}'}, 422),
        ({"body": "null"}, 422),
        ({"body": "1e999999"}, 422),
        ({"body": ""}, 400),
        ({"body": None}, 415),
    ],
)
def test_bodies_that_cannot_be_get_the_right_status(ann: Client, change: dict[str, Any], status: int) -> None:
    request = {"body": '{"title": "t"}'} | change
    refused = ann("POST /items", request.pop("body"), **request)
    assert (refused.status, msgspec.json.decode(refused.body)["status"]) == (status, status)
