"""Ordering prints."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from local.use_cases.clients import Client
from local.use_cases.waiting import wait_until_done
from tests.web_backend.browser.test_items import make
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

NOTHING_YET: dict[str, list[str]] = {"orders": [], "totals": []}


def test_an_order_is_listed_at_once_and_counted_when_the_list_has_followed(inside: Visitor, api: Client) -> None:
    item_id = make(api, "Harbour")
    inside.open(f"/items/{item_id}")
    inside.follow("Order prints")
    inside.page.get_by_label("Print as").select_option("a4")
    inside.fill(Quantity="3")
    expect(inside.page.get_by_text("Total")).to_have_text("Total €27.00")

    def lag(route: Route) -> None:
        route.fulfill(json=NOTHING_YET) if route.request.method == "GET" else route.fallback()

    inside.page.route("**/api/orders", lag)
    inside.press("Place order")
    inside.sees("Orders")
    order = inside.page.get_by_role("article")
    expect(order).to_contain_text("€27.00")
    inside.page.unroute("**/api/orders")
    order.get_by_text("3 prints").click()
    expect(order.get_by_role("listitem")).to_contain_text("3 \u00d7 A4, €9.00 each")
    expect(inside.page.get_by_role("row", name="€27.00")).to_be_visible()
    expect(order).to_have_count(1)


def test_an_order_is_still_there_after_a_reload(inside: Visitor, api: Client) -> None:
    make(api, "Harbour")
    inside.follow("Orders")
    inside.follow("New order")
    inside.press("Place order")
    expect(inside.page.get_by_role("article")).to_have_count(1)
    wait_until_done(lambda: () if json.loads(api.send("GET", "/orders").body)["orders"] else ("the order",), "missing")
    inside.page.reload()
    expect(inside.page.get_by_role("article")).to_have_count(1)


def test_an_order_of_no_prints_is_refused_at_its_field(inside: Visitor, api: Client) -> None:
    make(api, "Harbour")
    inside.open("/orders/new")
    inside.press("Add another print")
    second = inside.page.get_by_role("group", name="Print 2").get_by_label("Quantity")
    second.fill("0")
    inside.press("Place order")
    expect(second).to_have_attribute("aria-invalid", "true")
    expect(inside.page.locator("[aria-invalid=true]")).to_have_count(1)


def test_an_item_that_is_gone_is_told_at_its_line(inside: Visitor, api: Client) -> None:
    item_id = make(api, "Harbour")
    inside.open("/orders/new")
    expect(inside.page.get_by_label("Item")).to_have_value(item_id)
    assert api.send("DELETE", f"/items/{item_id}").status == 204
    inside.press("Place order")
    expect(inside.fault_of("Item")).to_have_text("You have no such item.")
    inside.expected.append("422 POST /api/orders")
