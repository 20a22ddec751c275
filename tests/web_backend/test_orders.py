"""Orders of prints: priced, placed in the shop's table, taken by table ETL, and listed out of its read model."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from lambdas.common.tables.shop import layout
from lambdas.table_etl import load
from lambdas.table_etl.contract import Limits as LoadLimits
from lambdas.table_etl.contract import LoadSettings, Targets
from lambdas.table_etl.runtime import loader
from lambdas.web_backend import api
from lambdas.web_backend.domain.prices import money
from tests.events import dynamodb as events
from tests.support.silent import Silent
from tests.web_backend.client import Client, Response
from tests.web_backend.conftest import Cloud

NOBODYS = "01940000-0000-7000-8000-000000000000"
LOAD = LoadSettings(
    service="TableEtl", metrics_namespace="Test", pipeline="orders", limits=LoadLimits(),
    targets=Targets(read_model_table_name="read-model"), quarantine_bucket_name="quarantine",
)  # fmt: skip


def line(item_id: str, product: str = "postcard", quantity: int = 1) -> dict[str, Any]:
    return {"item_id": item_id, "product": product, "quantity": quantity}


def order(client: Client, *lines: dict[str, Any]) -> Response:
    return client("POST /orders", {"lines": list(lines)})


@pytest.fixture
def item_id(ann: Client) -> str:
    found: str = ann.create().json["item_id"]
    return found


def etl(cloud: Cloud) -> None:
    """Loads all that is in the shop's table, as its stream brings it."""
    records = [
        events.record(
            {key: item[key] for key in (layout.PARTITION_KEY, layout.SORT_KEY)},
            sequence_number=f"{at + 1:021}",
            new_image=json.loads(json.dumps(item)),
        )
        for at, item in enumerate(cloud.orders())
    ]
    runtime = load.Runtime(Silent(), loader(LOAD))  # type: ignore[arg-type]
    with patch.object(load, "runtime", lambda: runtime):
        answer = load.handler(events.event(*records), None)  # type: ignore[arg-type]
    assert answer == {"batchItemFailures": [], "quarantined": None}


def test_an_order_is_priced_and_found_as_it_was_placed(ann: Client, item_id: str) -> None:
    placed = order(ann, line(item_id, "postcard", 3), line(item_id, "a4"), line(item_id, "poster", 2))
    assert placed.status == 201
    assert {name: placed.json[name] for name in ("status", "currency", "total", "lines")} == {
        "status": "placed",
        "currency": "EUR",
        "total": "62.70",
        "lines": [
            {"sku": f"postcard:{item_id}", "quantity": 3, "unit_price": "1.90"},
            {"sku": f"a4:{item_id}", "quantity": 1, "unit_price": "9.00"},
            {"sku": f"poster:{item_id}", "quantity": 2, "unit_price": "24.00"},
        ],
    }
    found = ann("GET /orders/{order_id}", order_id=placed.json["order_id"])
    assert (found.status, found.json) == (200, placed.json)
    assert placed.headers["location"] == f"orders/{placed.json['order_id']}"


def test_table_etl_takes_what_is_placed_and_adds_it_up(ann: Client, bob: Client, cloud: Cloud, item_id: str) -> None:
    first = order(ann, line(item_id, "postcard", 3)).json
    second = order(ann, line(item_id, "poster", 1), line(item_id, "a4", 1_000)).json
    order(bob, line(bob.create().json["item_id"]))
    etl(cloud)
    listed = ann("GET /orders").json
    assert listed["orders"] == [second, first]
    [total] = listed["totals"]
    assert (total["day"], total["currency"], total["orders"]) == (first["placed_at"][:10], "EUR", 2)
    assert Decimal(total["revenue"]) == Decimal(first["total"]) + Decimal(second["total"])


def test_of_many_orders_the_newest_are_listed(ann: Client, cloud: Cloud, item_id: str) -> None:
    placed = [order(ann, line(item_id)).json["order_id"] for _ in range(3)]
    etl(cloud)
    listed = ann("GET /orders", query={"limit": "2"}).json["orders"]
    assert [each["order_id"] for each in listed] == [placed[2], placed[1]]


def test_totals_reach_31_days_back(ann: Client, cloud: Cloud, item_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (20, 21, 22):
        monkeypatch.setattr(api, "_now", lambda day=day: datetime(2026, 10, day, 23, 59, tzinfo=UTC))
        api.runtime.cache_clear()
        order(ann, line(item_id))
    etl(cloud)
    monkeypatch.setattr(api, "_now", lambda: datetime(2026, 11, 20, tzinfo=UTC))
    api.runtime.cache_clear()
    assert [each["day"] for each in ann("GET /orders").json["totals"]] == ["2026-10-21", "2026-10-22"]


def test_who_has_ordered_nothing_has_an_empty_list(ann: Client) -> None:
    assert ann("GET /orders").json == {"orders": [], "totals": []}


def test_items_that_are_not_the_user_s_own_cannot_be_ordered(
    ann: Client, bob: Client, cloud: Cloud, item_id: str
) -> None:
    theirs = bob.create().json["item_id"]
    refused = order(ann, line(item_id), line(theirs), line(NOBODYS), line(theirs, "a4"))
    assert refused.status == 422
    pointers = [each["pointer"] for each in refused.json["errors"]]
    assert pointers == ["#/lines/1/item_id", "#/lines/2/item_id", "#/lines/3/item_id"]
    assert cloud.orders() == []


@pytest.mark.parametrize("count", [50])
def test_as_many_items_as_an_order_can_have_fit_into_one(ann: Client, count: int) -> None:
    items = [ann.create().json["item_id"] for _ in range(count)]
    placed = ann("POST /orders", {"lines": [line(each) for each in items]}, headers={"idempotency-key": "k"})
    assert (placed.status, len(placed.json["lines"])) == (201, count)


@pytest.mark.parametrize(
    "lines", [[], [{}], [{"item_id": "x", "product": "a4"}], [line(NOBODYS)] * 51, [line(NOBODYS, "mug")],
              [line(NOBODYS, "a4", 0)], [line(NOBODYS, "a4", 1_001)], [line(NOBODYS) | {"unit_price": "0"}]],
)  # fmt: skip
def test_what_is_no_order_is_refused(ann: Client, cloud: Cloud, lines: list[Any]) -> None:
    assert order(ann, *lines).status == 422
    assert cloud.orders() == []


def test_another_one_s_order_cannot_be_told_from_one_that_is_not_there(ann: Client, bob: Client, item_id: str) -> None:
    order_id = order(ann, line(item_id)).json["order_id"]
    theirs, nobodys = (bob("GET /orders/{order_id}", order_id=each) for each in (order_id, NOBODYS))
    assert (theirs.status, theirs.body) == (404, nobodys.body)


def test_products_have_prices(ann: Client) -> None:
    products = ann("GET /products").json["products"]
    assert {each["product"]: (each["price"], each["currency"]) for each in products} == {
        "postcard": ("1.90", "EUR"), "a4": ("9.00", "EUR"), "poster": ("24.00", "EUR")
    }  # fmt: skip


@pytest.mark.parametrize(("stored", "shown"), [("9", "9.00"), ("1.9", "1.90"), ("1E+1", "10.00"), ("1.234", "1.234")])
def test_money_is_shown_with_cents(stored: str, shown: str) -> None:
    assert str(money(Decimal(stored))) == shown
