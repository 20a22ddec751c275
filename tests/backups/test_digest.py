"""The digest of two tables is the same if, and only if, their items are."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.backups.contract.records import Tally
from lambdas.backups.domain.digest import MalformedItemError, added, canonical, digest
from tests.backups.items import EVERY_TYPE, Item, exported, items, meaning_of_item, respelled

tables = st.lists(items, max_size=4)


def meanings(table: list[Item]) -> Counter[Any]:
    return Counter(map(meaning_of_item, table))


@settings(max_examples=1500, deadline=None)
@given(tables, tables)
def test_two_tables_have_one_digest_if_and_only_if_their_items_are_the_same(one: list[Item], other: list[Item]) -> None:
    assert (digest(one) == digest(other)) == (meanings(one) == meanings(other))


@settings(max_examples=1500, deadline=None)
@given(items, items)
def test_two_items_have_one_form_if_and_only_if_they_are_the_same(one: Item, other: Item) -> None:
    assert (canonical(one) == canonical(other)) == (meaning_of_item(one) == meaning_of_item(other))


@settings(max_examples=500, deadline=None)
@given(st.lists(items, max_size=8), st.randoms(use_true_random=False))
def test_neither_order_nor_spelling_nor_the_reader_makes_a_difference(table: list[Item], random: Random) -> None:
    other = [exported(respelled(item, random)) for item in random.sample(table, len(table))]
    assert digest(other) == digest(table)


@given(st.lists(items, max_size=8), st.integers(0, 8))
def test_digests_of_parts_add_up(table: list[Item], cut: int) -> None:
    assert added(digest(table[:cut]), digest(table[cut:])) == digest(table)


def test_the_digest_of_nothing_is_where_sums_begin() -> None:
    assert digest([]) == Tally()


def changes() -> list[tuple[str, Item]]:
    """The item with every type, with one attribute of it changed as little as can be."""
    changed: dict[str, Any] = {
        "text": {"S": EVERY_TYPE["text"]["S"].rstrip("\n")},
        "empty_text": {"S": " "},
        "whole": {"N": "42"},
        "zero": {"N": "1E-130"},
        "fraction": {"N": "0.1000000000000000055511151231257827022"},
        "digits": {"N": "12345678901234567890123456789012345679"},
        "large": {"N": "9.9999999999999999999999999999999999999E+124"},
        "small": {"N": "1E-130"},
        "binary": {"B": bytes(range(255))},
        "empty_binary": {"B": b"\x00"},
        "yes": {"BOOL": False},
        "no": {"BOOL": True},
        "nothing": {"BOOL": True},
        "list": {"L": [{"N": "1"}, {"S": "a"}, {"L": []}, {"M": {}}]},
        "map": {"M": {"ключ": {"B": b"\x00"}, " ": {"NULL": True}}},
        "texts": {"SS": ["b", "a"]},
        "numbers": {"NS": ["2", "-1", "0.05"]},
        "binaries": {"BS": [b"\xff", b"b"]},
        "pk": {"S": "every typE"},
    }
    assert changed.keys() == EVERY_TYPE.keys()
    return [(name, EVERY_TYPE | {name: value}) for name, value in changed.items()]


@pytest.mark.parametrize(("name", "changed"), changes())
def test_the_smallest_change_of_a_value_is_seen(name: str, changed: Item) -> None:
    assert digest([changed]) != digest([EVERY_TYPE]), name


@pytest.mark.parametrize("name", EVERY_TYPE)
def test_a_missing_attribute_is_seen(name: str) -> None:
    rest = {other: value for other, value in EVERY_TYPE.items() if other != name}
    assert digest([rest]) != digest([EVERY_TYPE])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"S": "1"}, {"N": "1"}),
        ({"S": "YQ=="}, {"B": b"a"}),
        ({"S": "true"}, {"BOOL": True}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"SS": ["YQ=="]}, {"BS": [b"a"]}),
        ({"SS": ["1"]}, {"NS": ["1"]}),
        ({"L": []}, {"M": {}}),
        ({"L": [{"S": "a,b"}]}, {"L": [{"S": "a"}, {"S": "b"}]}),
        ({"SS": ["a", "bc"]}, {"SS": ["ab", "c"]}),
        ({"M": {"S": {"S": "a"}}}, {"M": {"S": {"S": "S"}}}),
        ({"S": '"},"b":{"S":"'}, {"S": '"},"b":{"S":"x'}),
    ],
)
def test_values_that_look_alike_are_told_apart(one: Item, other: Item) -> None:
    assert canonical({"a": one}) != canonical({"a": other})


def test_an_item_nested_as_deep_as_dynamodb_takes_it() -> None:
    def nested(innermost: Item) -> Item:
        for level in range(31):
            innermost = {"M": {"m": innermost}} if level % 2 else {"L": [innermost]}
        return {"a": innermost}

    assert canonical(nested({"N": "1.0"})) == canonical(nested({"N": "1"})) != canonical(nested({"N": "2"}))


@pytest.mark.parametrize(
    "attribute",
    [
        {},
        {"X": "1"},
        {"S": 5},
        {"N": 5},
        {"N": "NaN"},
        {"N": "1_0"},
        {"N": "\u0661"},
        {"N": "1" * 39},
        {"N": "1E+99999999"},
        {"B": "no base64!"},
        {"B": 5},
        {"BOOL": "true"},
        {"SS": [1]},
        {"L": {"S": "a"}},
        {"M": ["a"]},
        {"S": "a", "N": "1"},
        "text",
    ],
)
def test_what_dynamodb_never_writes_is_refused(attribute: Any) -> None:
    with pytest.raises(MalformedItemError):
        digest([{"a": attribute}])
