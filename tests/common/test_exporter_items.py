"""Items come out of an export exactly as they are in the table, at no more than the rate that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.dynamodb import item_size
from lambdas.common.exporter.scan import WAITS
from lambdas.common.failures import UnavailableError
from lambdas.table_etl.domain.attributes import unmarshal
from tests.common.exports import Shop, by_id, item, summaries
from tests.support.fake_aws import Fault
from tools.pace import Pace

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=9).map(str) | st.sampled_from(
    ["0", "-1", "1E-130", "9" * 38, "-0.1234567890123456789012345678901234567", "1E+125"]
)
binary = st.binary(max_size=9)
scalars: st.SearchStrategy[Any] = st.one_of(
    texts.map(lambda value: {"S": value}),
    numbers.map(lambda value: {"N": value}),
    binary.map(lambda value: {"B": value}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda values: {"SS": values}),
    st.lists(numbers, min_size=1, max_size=3, unique_by=Decimal).map(lambda values: {"NS": values}),
    st.lists(binary, min_size=1, max_size=3, unique=True).map(lambda values: {"BS": values}),
)
attributes = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: {"L": values})
        | st.dictionaries(texts, inner, max_size=3).map(lambda values: {"M": values})
    ),
    max_leaves=6,
)


def value(attribute: Any) -> Any:
    """In Python, of an attribute as boto3's client has it."""
    ((kind, content),) = attribute.items()
    match kind:
        case "N":
            return Decimal(content)
        case "NS":
            return set(map(Decimal, content))
        case "SS" | "BS":
            return set(content)
        case "NULL":
            return None
        case "L":
            return [value(each) for each in content]
        case "M":
            return {name: value(each) for name, each in content.items()}
    return content


@settings(max_examples=100, deadline=None)
@given(items=st.lists(st.dictionaries(texts.map("x{}".format), attributes, max_size=4), max_size=4))
def test_every_item_comes_out_exactly_as_it_is(items: list[dict[str, Any]]) -> None:
    shop = Shop()
    shop.table.items = [{**each, "id": {"S": str(number)}} for number, each in enumerate(items)]

    shop.goes_on().run()

    found = [unmarshal(each) for each in by_id(shop.lines())]
    assert found == [{name: value(each) for name, each in item.items()} for item in by_id(shop.table.items)]
    (summary,) = summaries(shop.objects)
    assert summary["billedSizeBytes"] == sum(map(item_size, shop.table.items))


def test_numbers_keep_the_digits_that_dynamodb_gives() -> None:
    shop = Shop()
    numbers = ["1.10", "1E+2", "-0", "12345678901234567890123456789012345678"]
    shop.table.items = [{"id": {"N": number}} for number in numbers]

    shop.goes_on().run()

    assert sorted(each["id"]["N"] for each in shop.lines()) == sorted(numbers)


@dataclass
class Time:
    """Seconds that pass only while somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(seconds)


def big(number: int) -> dict[str, Any]:
    """An item of one read capacity unit."""
    return item(number) | {"filler": {"S": "x" * 3900}}


def test_pages_are_read_at_the_rate_and_none_is_larger_than_a_second_of_it() -> None:
    shop, time = Shop(), Time()
    shop.table.items = [big(number) for number in range(100)]
    shop.table.page = 50
    taken: list[tuple[float, float]] = []

    class Watched(Pace):
        def take(self, count: float) -> None:
            super().take(count)
            taken.append((time.now, count))

    shop.goes_on(pace=Watched(10, lambda: time.now, time.sleep)).run()

    assert max(units for _, units in taken) <= 10
    units = 0.0
    for (_, count), (moment, _) in pairwise([*taken, (time.now, 0.0)]):
        units += count
        assert units <= 10 * (moment + 1) + 10, f"{units} units in {moment} s"
    assert units >= 100


def test_pages_of_small_items_become_as_large_as_the_rate_allows() -> None:
    shop, time = Shop(items=1000), Time()
    shop.table.page = 100

    shop.goes_on(pace=Pace(10, lambda: time.now, time.sleep), segments=1, max_items=1000).run()

    assert len(shop.table.scanned) < 40
    assert time.now < 10


def test_throttling_is_waited_for() -> None:
    shop = Shop(items=9)
    answers = iter([Fault.THROTTLED] * 3)
    shop.outside.decide = lambda name: next(answers, Fault.NONE) if name == "Scan" else Fault.NONE

    shop.goes_on().run()

    assert len(shop.naps) == 3
    assert by_id(shop.lines()) == by_id(shop.table.items)


def test_throttling_without_end_is_given_up_after_a_minute_and_continued_later() -> None:
    shop = Shop(items=30)
    calls = iter([Fault.NONE] * 4)
    shop.outside.decide = lambda name: next(calls, Fault.THROTTLED) if name == "Scan" else Fault.NONE
    with pytest.raises(UnavailableError, match="scan shop"):
        shop.goes_on(segments=1).run()
    assert sum(shop.naps) == sum(WAITS) > 60
    before = dict(shop.objects)
    shop.outside.revive()

    shop.goes_on().run()

    assert by_id(shop.lines()) == by_id(shop.table.items)
    kept = [key for key in before if "/data/" in key]
    assert kept
    assert {key: shop.objects[key] for key in kept} == {key: before[key] for key in kept}


def test_the_callback_ends_at_everything() -> None:
    shop = Shop(items=30)
    told: list[tuple[int, int, int]] = []

    shop.goes_on(segments=3, tell=lambda *numbers: told.append(numbers)).run()

    assert told[-1] == (30, sum(map(item_size, shop.table.items)), 3)
    assert told == sorted(told)


def test_a_continued_export_counts_from_where_it_was() -> None:
    shop = Shop(items=30)
    shop.goes_on(segments=1).step()
    told: list[tuple[int, int, int]] = []

    shop.goes_on(tell=lambda *numbers: told.append(numbers)).run()

    assert told[0][0] > 3
    assert told[-1][0] == 30
