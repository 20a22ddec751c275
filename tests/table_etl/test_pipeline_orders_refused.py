"""What the shop's pipeline refuses: wrong fields, contradictions, and what totals could not hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.table_etl.contract import ReasonCode
from tests.table_etl.builders import content, customer, json_row, live, order, rejected, returned, run

# --- totals ---------------------------------------------------------------------------------------------------------


def lines(*prices: Any, quantity: int = 1) -> list[dict[str, Any]]:
    return [{"sku": f"sku-{at}", "quantity": quantity, "unit_price": price} for at, price in enumerate(prices)]


PRICES = st.decimals("-1000", "1000", places=9) | st.integers(-(10**9), 10**9)


@settings(max_examples=200, deadline=None, print_blob=True)
@given(st.lists(st.tuples(PRICES, st.integers(1, 10**5)), min_size=1, max_size=8))
def test_the_total_has_to_be_what_the_lines_add_up_to_to_the_last_digit(some: list[tuple[Any, int]]) -> None:
    bought = [{"sku": "a", "quantity": quantity, "unit_price": price} for price, quantity in some]
    scaled = sum(int(Decimal(price) * 10**9) * quantity for price, quantity in some)
    total = Decimal(scaled).scaleb(-9)
    assert content(live(order(lines=bought, total=total))).row.total == total
    line = rejected(live(order(lines=bought, total=total + Decimal("1E-9"))))
    assert (line.reason, "add up to" in line.message) == (ReasonCode.WRONG_SCHEMA, True)


@pytest.mark.parametrize(
    ("total", "reason"),
    [
        (10**15 - 1, None),
        (-(10**15) + 1, None),
        (Decimal("999999999999999.999999999"), None),
        (Decimal("0.000000001"), None),
        (10**15, ReasonCode.BAD_NUMBER),
        (-(10**15), ReasonCode.BAD_NUMBER),
        (Decimal("0.0000000001"), ReasonCode.BAD_NUMBER),
        (Decimal("1E+125"), ReasonCode.BAD_NUMBER),
        (Decimal("1E-130"), ReasonCode.BAD_NUMBER),
    ],
    ids=str,
)
def test_amounts_that_totals_could_not_hold_exactly_are_rejected(total: Any, reason: ReasonCode | None) -> None:
    done = run(live(order(lines=lines(total), total=total)))
    assert [each.reason for each in done.rejected] == ([reason] if reason else [])


def test_lines_that_add_up_to_more_digits_than_a_number_has_are_the_items_fault() -> None:
    line = rejected(live(order(lines=lines("9" * 38, Decimal("0.1")), total=1)))
    assert (line.reason, "38 digits" in line.message) == (ReasonCode.WRONG_SCHEMA, True)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999"])
@pytest.mark.parametrize(
    "make", [lambda n: order(total=n), lambda n: order(lines=lines(n), total=n), lambda n: returned(refund=n)]
)
def test_what_is_no_amount_is_rejected_where_numbers_come_as_text(number: str, make: Any) -> None:
    assert rejected(json_row(make(number))).reason in {ReasonCode.WRONG_SCHEMA, ReasonCode.BAD_NUMBER}


# --- what is refused ------------------------------------------------------------------------------------------------

TEXT: list[Any] = [5, True, None, b"a", [], ...]
NAME = [*TEXT, "", "x" * 257]
ITEMS = {"customer": customer, "order": order, "return": returned}
WRONG: dict[str, dict[str, list[Any]]] = {
    "customer": {
        "name": NAME,
        "email": NAME,
        "country": [*TEXT, "de", "DEU", "D", "DE\n"],
        "since": [*TEXT, "2023-02-29", "today"],
        "marketing": ["true", 1, None],
        "test": ["true", 1, 0],
        "colour": ["red"],
    },
    "order": {
        "order_id": NAME,
        "placed_at": [*TEXT, "2026-11-25", "2026-11-25T10:00:00"],
        "status": [*TEXT, "lost", "PLACED"],
        "currency": [*TEXT, "eur", "EURO", "EU"],
        "total": ["three", None, True, [3], ...],
        "lines": [None, "cup", [], {}, ..., lines(1) * 1001, ["cup"]],
        "channel": ["", 5, None],
        "tags": ["gift", {5}, [""]],
        "attributes": ["a", [1], 5, None],
        "colour": ["red"],
    },
    "return": {
        "return_id": NAME,
        "order_id": NAME,
        "returned_at": [*TEXT, "2026-11-26T09:30:00"],
        "currency": [*TEXT, "eur"],
        "sku": NAME,
        "quantity": [0, -1, 10**6 + 1, Decimal("1.5"), "1", True, None, ...],
        "refund": [-1, Decimal("-0.01"), "much", True, None, ...],
        "reason": [5, True],
        "colour": ["red"],
    },
}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [(kind, field, value) for kind, fields in WRONG.items() for field, values in fields.items() for value in values],
    ids=lambda each: repr(each)[:30],
)
def test_a_wrong_field_is_rejected_by_its_name(kind: str, field: str, value: Any) -> None:
    line = rejected(live(ITEMS[kind](**{field: value})))
    assert line.reason is ReasonCode.WRONG_SCHEMA
    assert field in line.message


def test_a_time_that_utc_does_not_have_is_the_items_fault() -> None:
    line = rejected(live(order(placed_at="0001-01-01T00:00:00+14:00")))
    assert (line.reason, "years 1 to 9999" in line.message) == (ReasonCode.WRONG_SCHEMA, True)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": ...}, "sku"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": Decimal("0.5")}, "quantity"),
        ({"unit_price": "a"}, "unit_price"),
        ({"unit_price": ...}, "unit_price"),
        ({"gift": True}, "gift"),
    ],
)
def test_a_wrong_line_is_rejected_by_its_place(line: dict[str, Any], path: str) -> None:
    bad = {name: value for name, value in (lines(1)[0] | line).items() if value is not ...}
    message = rejected(live(order(lines=[lines(1)[0], bad], total=2))).message
    assert path in message
    assert "$.lines[1]" in message


@pytest.mark.parametrize(
    "item",
    [
        order(pk="c-1"),
        order(pk="shop#c-1"),
        order(order_id="o-2"),
        order(sk="order#2026-11-25T10:00:00Z#o-1"),
        order(placed_at="2026-11-25T10:00:01Z"),
        order(sk="order#2026-11-24T10:00:00.000Z#o-1"),
        returned(return_id="r-2"),
        returned(returned_at="2026-11-26T09:30:00.001Z"),
        customer(pk="c-1"),
    ],
)
def test_an_item_under_a_key_that_its_fields_do_not_make_is_rejected(item: dict[str, Any]) -> None:
    line = rejected(live(item))
    assert (line.reason, "the fields make it" in line.message) == (ReasonCode.WRONG_SCHEMA, True)
