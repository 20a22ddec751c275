"""Telemetry: readings per device and minute, usage per account and day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from lambdas.common.tables.metrics.aggregates import Stats, Sum
from lambdas.stream_analytics.domain.tally import Item
from lambdas.stream_analytics.recipes.telemetry import RECIPE
from tests.stream_analytics.analyzing import NOON, START, Content, analyze, reasons, values

READ: Content = {"device": "d-1", "account": "acme", "unit": "kWh", "value": "1.5", "usage": None}


def test_readings_are_told_by_device() -> None:
    readings = [("d-1", "1.5"), (" d-1", "-2.25"), ("d-1", "1.5"), ("d-2", "0")]

    tally = analyze(RECIPE, *(READ | {"device": device, "value": value} for device, value in readings)).whole

    assert values(tally, "telemetry.reading") == {
        "d-1": Stats(3, Decimal("-2.25"), Decimal("1.5"), Decimal("0.75")),
        "d-2": Stats(1, Decimal(0), Decimal(0), Decimal(0)),
    }


def test_usage_is_told_by_account_and_day() -> None:
    usages = [("acme", "0.1", 0), ("acme ", "0.2", -11), ("acme", "0.7", -13), ("globex", "0", 0)]
    tally = analyze(
        RECIPE,
        *(
            READ | {"account": account, "usage": usage, "value": None, "time": NOON + timedelta(hours=hours)}
            for account, usage, hours in usages
        ),
    ).whole

    today = START - 12 * 3600
    assert {item: value for item, value in tally.items() if item.metric.startswith("telemetry")} == {
        Item("telemetry.usage", "acme", today): Sum(Decimal("0.3"), 2),
        Item("telemetry.usage", "acme", today - 86400): Sum(Decimal("0.7"), 1),
        Item("telemetry.usage", "globex", today): Sum(Decimal(0), 1),
    }


def test_an_event_may_tell_of_both() -> None:
    tally = analyze(RECIPE, READ | {"usage": "0.25"}).whole

    assert values(tally, "telemetry.reading").keys() == {"d-1"}
    assert values(tally, "telemetry.usage") == {"acme": Sum(Decimal("0.25"), 1)}


def test_readings_need_nobody_who_is_charged() -> None:
    tally = analyze(RECIPE, READ | {"account": None, "unit": None}).whole

    assert values(tally, "telemetry.reading").keys() == {"d-1"}


@pytest.mark.parametrize(
    "change",
    [
        {"value": None, "usage": None},
        {"usage": "-0.000001"},
        {"usage": "NaN"},
        {"value": "NaN"},
        {"value": "sNaN", "usage": "1"},
        {"value": "Infinity"},
        {"value": "1e15"},
        {"value": None, "usage": "1e999999"},
        {"value": "0.0000000001"},
        {"device": ""},
        {"account": "x" * 257},
        {"unit": ""},
        {"unit": None, "usage": "1"},
        {"account": None, "usage": "1"},
    ],
)
def test_other_shapes_are_rejected(change: Content) -> None:
    assert reasons(analyze(RECIPE, READ | change, READ)) == {0: "wrong_schema"}


def test_a_device_can_be_looked_up() -> None:
    event = analyze(RECIPE, READ).events[0]

    assert {name: list(found(event)) for name, found in RECIPE.entities.items()} == {"device": ["d-1"]}
