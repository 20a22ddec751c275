"""The shop's rules: what becomes of customers, orders and returns, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lambdas.table_etl.contract import ReasonCode
from lambdas.table_etl.domain.pipeline import Contribution, Placement
from lambdas.table_etl.pipelines.orders import CustomerRow, Line, OrderRow, ReturnRow, Status
from tests.table_etl.builders import content, customer, live, loaded, order, rejected, returned

AT = datetime(2026, 11, 25, 10, tzinfo=UTC)

# --- rows -----------------------------------------------------------------------------------------------------------


def test_a_customer_loses_the_personal_address_and_gains_a_region() -> None:
    made = content(live(customer()))
    assert made.row == CustomerRow(
        customer_id="c-1", name="Ada", country="DE", region="EU", since=date(2024, 2, 29), marketing=False
    )
    assert b"mail.example" not in made.json


@pytest.mark.parametrize(("country", "region"), [("GB", "UK"), ("US", "NA"), ("JP", None)])
def test_a_customers_region_is_that_of_the_country(country: str, region: str | None) -> None:
    assert content(live(customer(country=country))).row.region == region


def test_an_order_gains_what_follows_from_its_lines() -> None:
    made = content(live(order(tags={"gift", "eu"}, channel="web")))
    assert made.row == OrderRow(
        customer_id="c-1",
        order_id="o-1",
        placed_at=AT,
        status=Status.PLACED,
        currency="EUR",
        total=Decimal(3),
        articles=3,
        dearest="tea",
        lines=[Line("cup", 2, Decimal(1)), Line("tea", 1, Decimal(1))],
        channel="web",
        tags={"eu", "gift"},
    )


def test_equal_orders_have_equal_bytes_in_the_lake() -> None:
    several = [content(live(order(tags=set(tags)))).json for tags in ("abcdef", "fedcba", "cafebd")]
    assert len(set(several)) == 1
    assert json.loads(several[0])["tags"] == list("abcdef")


def test_a_return_keeps_all_but_its_keys() -> None:
    assert content(live(returned(reason="broken"))).row == ReturnRow(
        customer_id="c-1",
        return_id="r-1",
        order_id="o-1",
        returned_at=datetime(2026, 11, 26, 9, 30, tzinfo=UTC),
        currency="EUR",
        sku="cup",
        quantity=1,
        refund=Decimal(1),
        reason="broken",
    )


@pytest.mark.parametrize("refund", [0, Decimal("0.01"), 10**14])
def test_a_refund_may_be_nothing_or_more(refund: Any) -> None:
    assert content(live(returned(refund=refund))).row.refund == refund


# --- places in the read model ---------------------------------------------------------------------------------------


def placement(item: dict[str, Any]) -> Placement:
    return content(live(item)).placement


def test_customers_are_found_by_country() -> None:
    assert placement(customer()) == Placement("country#DE#customers", "c-1", ())


def test_orders_are_found_by_customer_and_time_and_counted_by_day_and_currency() -> None:
    assert placement(order()) == Placement(
        "customer#c-1#orders",
        "2026-11-25T10:00:00.000Z#o-1",
        (Contribution("customer#c-1#totals", "2026-11-25#EUR", {"orders": 1, "revenue": Decimal(3)}),),
    )


def test_returns_are_found_by_customer_and_time_and_counted_beside_the_orders() -> None:
    assert placement(returned()) == Placement(
        "customer#c-1#returns",
        "2026-11-26T09:30:00.000Z#r-1",
        (Contribution("customer#c-1#totals", "2026-11-26#EUR", {"returns": 1, "refunds": Decimal(1)}),),
    )


def test_the_day_is_that_of_utc_whatever_zone_the_shop_writes_in() -> None:
    late = order(placed_at="2026-11-26T01:30:00+02:00", sk="order#2026-11-25T23:30:00.000Z#o-1")
    made = loaded(live(late))
    assert made.day == "2026-11-25"
    assert placement(late).contributions[0].sort == "2026-11-25#EUR"


def test_a_cancelled_order_is_shown_but_counts_nothing() -> None:
    cancelled = placement(order(status="cancelled"))
    assert (cancelled.view, cancelled.contributions) == ("customer#c-1#orders", ())


def test_a_free_order_counts_as_an_order() -> None:
    free = placement(order(lines=[{"sku": "cup", "quantity": 1, "unit_price": 0}], total=0))
    assert free.contributions[0].amounts == {"orders": 1}


# --- what is left out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [order(status="draft"), order(test=True), returned(test=True), customer(test=True)])
def test_drafts_and_tests_leave_the_targets(item: dict[str, Any]) -> None:
    gone = loaded(live(item, item | {"status": "placed"}))
    assert gone.content is None


def test_a_draft_has_to_be_right_too() -> None:
    assert rejected(live(order(status="draft", total=4))).reason is ReasonCode.WRONG_SCHEMA
