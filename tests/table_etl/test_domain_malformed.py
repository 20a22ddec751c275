"""What is no value of DynamoDB is a ValueError, and never anything else: it goes to quarantine and stops nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.table_etl.domain.attributes import unmarshal
from tests.table_etl.builders import image
from tests.table_etl.values import nested

WRONG: list[Any] = [
    None,
    5,
    "text",
    [],
    {},
    {"X": "a"},
    {"s": "a"},
    {"S": "a", "N": "1"},
    {"N": "1", "S": "a"},
    {"S": "a", "X": 1},
    {"S": None},
    {"S": 5},
    {"S": ["a"]},
    {"S": b"a"},
    {"N": 5},
    {"N": None},
    {"N": ""},
    {"N": "-"},
    {"N": "1,5"},
    {"N": "0x10"},
    {"N": "five"},
    {"N": ["1"]},
    {"N": "NaN"},
    {"N": "sNaN"},
    {"N": "-Infinity"},
    {"N": "1E99999999999999999999"},
    {"N": "9" * 5000},
    {"B": "a"},
    {"B": "YQ="},
    {"B": "Y Q=="},
    {"B": "ü"},
    {"B": 5},
    {"B": None},
    {"B": ["YQ=="]},
    {"BOOL": "false"},
    {"BOOL": 0},
    {"BOOL": None},
    {"NULL": False},
    {"NULL": None},
    {"NULL": "true"},
    {"M": None},
    {"M": []},
    {"M": "a"},
    {"M": {"a": None}},
    {"M": {"a": "b"}},
    {"M": {"a": {"X": 1}}},
    {"L": None},
    {"L": {}},
    {"L": ""},
    {"L": "ab"},
    {"L": [None]},
    {"L": ["a"]},
    {"L": {"S": "a"}},
    {"SS": "ab"},
    {"SS": []},
    {"SS": [1]},
    {"SS": None},
    {"SS": {"a": 1}},
    {"SS": [["a"]]},
    {"NS": []},
    {"NS": "12"},
    {"NS": [1]},
    {"NS": ["NaN"]},
    {"NS": ["x"]},
    {"BS": []},
    {"BS": "YQ=="},
    {"BS": ["a"]},
]


@pytest.mark.parametrize("typed", WRONG, ids=lambda typed: repr(typed)[:40])
def test_what_is_no_attribute_of_dynamodb_is_a_value_error(typed: Any) -> None:
    for malformed in (typed, {"L": [typed]}, {"M": {"a": typed}}):
        with pytest.raises(ValueError):  # noqa: PT011  which of them it is, is the matter of another test
            unmarshal({"a": malformed})


@pytest.mark.parametrize("malformed", [None, [], "a", 5, [{"S": "a"}]], ids=repr)
def test_what_is_no_image_is_a_value_error(malformed: Any) -> None:
    with pytest.raises(ValueError, match="DynamoDB JSON"):
        unmarshal(malformed)


def test_json_that_nests_without_end_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="recursion"):
        unmarshal({"a": nested(lambda inner: {"L": inner}, 5_000, {"S": "leaf"})})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["NaN", "1", "YQ=="]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS", "a"]), inner, max_size=2
        )
    ),
    max_leaves=8,
)


@settings(max_examples=1000, deadline=None, print_blob=True)
@given(JSON_VALUES)
def test_any_json_is_an_image_or_a_value_error(anything: Any) -> None:
    try:
        item = unmarshal(anything)
    except ValueError:
        return
    assert image(item).keys() == anything.keys()
