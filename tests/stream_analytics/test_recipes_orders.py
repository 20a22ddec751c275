"""Orders: revenue in exact decimals, and no order whose total is not what its lines add up to."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter
from typing import Any

import msgspec
import pytest

from lambdas.common.tables.metrics.aggregates import Count, Sum
from lambdas.stream_analytics.contract import Limits
from lambdas.stream_analytics.domain.analysis import Analysis
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.cleansing import pseudonym
from lambdas.stream_analytics.recipes.orders import RECIPE
from tests.stream_analytics.analyzing import KEY, Content, analyze, in_pieces, reasons, values


def line(price: object, quantity: object = 1) -> Content:
    return {"sku": "a", "quantity": quantity, "unit_price": price}


def order(total: object, *lines: Content, **fields: Any) -> Content:
    return {
        "order_id": "o-1",
        "customer": "ada@mail.example",
        "currency": "EUR",
        "lines": lines or [line(total)],
        "total": total,
    } | fields


def analyze_numbers(*texts: str) -> Analysis:
    """Orders of one line, whose price and total are this JSON."""
    placeholder = b'"amount"'
    whole = msgspec.json.encode({"type": "orders", "time": "2026-11-21T12:00:00Z", **order("amount")})
    payloads = [whole.replace(placeholder, text.encode()) for text in texts]
    return Analyzer([RECIPE], Limits(), KEY).analyze(in_pieces(payloads))


def test_orders_and_revenue_are_told_by_currency() -> None:
    tally = analyze(RECIPE, order("1.10"), order("2.20"), order("300", currency="JPY")).whole

    assert values(tally, "orders.orders") == {"EUR": Count(2), "JPY": Count(1)}
    assert values(tally, "orders.revenue") == {"EUR": Sum(Decimal("3.30"), 2), "JPY": Sum(Decimal(300), 1)}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.1", "0.1"),
        ('"0.1"', "0.1"),
        ("19.99", "19.99"),
        ("123456789012345.123456789", "123456789012345.123456789"),
        ('"999999999999999.999999999"', "999999999999999.999999999"),
        ("9007199254740993e-3", "9007199254740.993"),
        ("1e2", "100"),
        ("-0", "0"),
        ("-5.5", "-5.5"),
    ],
)
def test_amounts_are_taken_digit_by_digit(text: str, amount: str) -> None:
    analysis = analyze_numbers(text, text, text)

    assert not analysis.rejected
    assert values(analysis.whole, "orders.revenue") == {"EUR": Sum(3 * Decimal(amount), 3)}


@pytest.mark.parametrize(
    "text",
    [
        '"NaN"',
        '"-nan"',
        '"sNaN"',
        '"Infinity"',
        '"-inf"',
        "1e15",
        "-1e15",
        "0.0000000001",
        "1e-10",
        '"0x1"',
        '""',
        "true",
        "null",
        "[]",
    ],
)
def test_amounts_that_have_no_exact_sum_are_rejected(text: str) -> None:
    assert reasons(analyze_numbers(text, "1")) == {0: "wrong_schema"}


@pytest.mark.parametrize(
    "text",
    [
        "1e999999",
        "1e-999999",
        "1e9999999",
        '"1e999999999999999999"',
        '"-1e-999999999999999999"',
        "1e99999999999999999999999",
        "9" * 30_000,
        "0." + "1" * 30_000,
        f'"{"9" * 30_000}"',
    ],
)
def test_huge_numbers_are_rejected_at_once(text: str) -> None:
    start = perf_counter()

    analysis = analyze_numbers(text, "1")

    assert reasons(analysis) == {0: "wrong_schema"}
    assert perf_counter() - start < 1


@pytest.mark.parametrize(
    ("total", "lines"),
    [
        ("6.60", [line("1.10", 2), line("4.40")]),
        ("6.6", [line("1.100", 2), line("4.40")]),
        ("0.3", [line("0.1"), line("0.2")]),
        ("0", [line("5"), line("-5")]),
        ("900", [line("1000"), line("-100")]),
        ("999999999999999", [line("0.000000001", 10**6)] * 2 + [line("999999999999997.998"), line("1")]),
        ("0.000999999", [line("999999999999999.999999999", 999_999), line("-999999999999999.999999998", 999_999)]),
        ("0.001", [line("999999999999999.999999999", 10**6), line("-999999999999999.999999998", 10**6)]),
    ],
)
def test_a_total_is_checked_to_the_last_digit(total: str, lines: list[Content]) -> None:
    assert not analyze(RECIPE, order(total, *lines)).rejected

    smallest = Decimal("1e-9")
    for wrong in (Decimal(total) + smallest, Decimal(total) - smallest, -Decimal(total) - 1):
        assert reasons(analyze(RECIPE, order(str(wrong), *lines), order("1"))) == {0: "wrong_schema"}


def test_the_message_tells_both_sums() -> None:
    message = analyze(RECIPE, order("7", line("1.50", 2), line("3"))).rejected[0].message

    assert "7" in message
    assert "6.00" in message


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "eur"},
        {"currency": "EURO"},
        {"currency": "EUR\n"},
        {"currency": "ÉUR"},
        {"lines": [], "total": "0"},
        {"lines": [line("0.0000000005", 2)], "total": "0.000000001"},
        {"lines": [line("999999999999999", 10)], "total": "9999999999999990"},
        {"lines": [line("1", 0)], "total": "0"},
        {"lines": [line("1", -1)], "total": "-1"},
        {"lines": [line("1", 1.5)], "total": "1.5"},
        {"lines": [line("1", 10**6 + 1)], "total": str(10**6 + 1)},
        {"lines": [line("0")] * 1001, "total": "0"},
        {"lines": [line("1") | {"x": 1}]},
        {"order_id": ""},
        {"order_id": "x" * 257},
    ],
)
def test_other_shapes_are_rejected(change: Content) -> None:
    analysis = analyze(RECIPE, order("1") | change, order("1"), limits=Limits(max_event_bytes=256 * 1024))

    assert reasons(analysis) == {0: "wrong_schema"}


def test_an_order_is_one_by_its_trimmed_id_and_found_by_it_and_by_its_customer() -> None:
    event = analyze(RECIPE, order("1", order_id=" o-7\n", customer="ADA@mail.example")).events[0]

    assert RECIPE.once
    assert RECIPE.once(event) == "o-7"
    assert {name: list(found(event)) for name, found in RECIPE.entities.items()} == {
        "order": ["o-7"],
        "user": [pseudonym("ada@mail.example", KEY)],
    }
