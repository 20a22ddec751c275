"""Specs by columns: what each type and rule lets through, in every batch alike."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.rows.specs import Column, Named, Spec
from tests.file_processing.tables import columns, result_of

TEXTS: dict[str, tuple[list[str], list[str]]] = {
    "integer": (
        ["0", "-12", "+7", "007", "9" * 5_000],
        ["1.0", "1e3", "1_000", " 1", "1 ", "\u0661", "-", "1,000", "1\n2", "0x1"],
    ),
    "number": (
        ["0", "-1.50", ".5", "5.", "6.02e+23", "1E9999", "9" * 5_000],
        ["1,5", "NaN", "inf", "e5", ".", "1e", "1e10000", "--1", "1.2.3", "\u0661", "1\n2"],
    ),
    "boolean": (["true", "False", "TRUE"], ["0", "yes", "t", "fal\u017fe", "true\ntrue"]),
    "date": (
        ["2026-11-26", "2024-02-29", "0001-01-01", "9999-12-31"],
        [
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "20261126",
            "0000-01-01",
            "2026-W48-4",
            "2026-11-26T00:00",
            "1.1.2026",
        ],
    ),
    "timestamp": (
        ["2026-11-26T10:00", "2026-11-26T23:59:59.123456789Z", "2026-11-26T10:00:00+02:00", "2024-02-29T00:00-23:59"],
        [
            f"2026-{rest}"
            for rest in ("11-26 10:00", "11-26", "11-26T24:00", "02-30T10:00", "11-26T10:00:60", "11-26T10:00z")
        ],
    ),
}
CASES = [(kind, text, True) for kind, (good, _) in TEXTS.items() for text in good]
CASES += [(kind, text, False) for kind, (_, bad) in TEXTS.items() for text in bad]


def csv_of(*values: str) -> bytes:
    """A column ``a`` of these values, beside one that is never empty."""
    return "\n".join(["a,b", *('"' + value.replace('"', '""') + '",x' for value in values)]).encode()


@pytest.mark.parametrize(("kind", "text", "fine"), CASES, ids=[f"{kind} {text[:30]!r}" for kind, text, _ in CASES])
def test_types_by_text(kind: str, text: str, fine: bool) -> None:  # noqa: FBT001
    good = TEXTS[kind][0][0]
    found = result_of("csv", csv_of(good, text, good), columns({"name": "a", "type": kind}))
    assert found.problems == (set() if fine else {(2, "a", "type")})


RULES: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "enum": ({"type": "string", "enum": ["tea", "ice tea"]}, ["tea", "ice tea"], ["Tea", "tea "]),
    "pattern": ({"type": "string", "pattern": "[a-z]+|x1"}, ["tea", "x1"], ["tea1", "1tea", "tea\n"]),
    "max_length": ({"type": "string", "max_length": 3}, ["tea", "\u00e9\u00e9\u00e9"], ["teas"]),
    "minimum": ({"type": "integer", "minimum": 5}, ["5", "+05", "6", "9" * 400], ["4", "-6", "-" + "9" * 400]),
    "maximum": ({"type": "number", "maximum": 0.1}, ["0.1", "-5", "0.10", "1e-9"], ["0.2", "0.1000000000000000000001"]),
}


@pytest.mark.parametrize("code", RULES)
def test_rules_let_through_what_they_say(code: str) -> None:
    rule, good, bad = RULES[code]
    found = result_of("csv", csv_of(*good, *bad), columns({"name": "a", **rule}))
    assert found.problems == {(row, "a", code) for row in range(len(good) + 1, len(good) + len(bad) + 1)}


SMALL = ["0", "-0", "1e-400", "-1e-400", "1e-9999", "-1E-9999", "0.00000000000001", "-0.00000000000001"]
EDGES = [*SMALL, "1e400", "-1e400", "0.3", "0.30", "0.30000000000000004", "0.3000000000000000000001"]
NUMBERS = st.sampled_from([*EDGES, f"0.{'0' * 400}1"]) | st.decimals(-10, 10).map(str)


@settings(deadline=None, max_examples=300)
@given(st.lists(NUMBERS, min_size=1, max_size=80), NUMBERS, st.sampled_from(["minimum", "maximum"]))
def test_numbers_are_compared_exactly(texts: list[str], bound: str, rule: str) -> None:
    limit = Decimal(bound)
    column = Column(name="a", type="number", **{rule: limit})  # type: ignore[arg-type]
    beyond = {
        row
        for row, number in enumerate(map(Decimal, texts), 1)
        if (number < limit if rule == "minimum" else number > limit)
    }
    found = result_of("csv", csv_of(*texts), Named("test", Spec(prefix="", columns=(column,))))
    assert {row for row, _, _ in found.problems} == beyond


def test_empty_cells_are_absent() -> None:
    named = columns(
        {"name": "a", "type": "integer", "minimum": 5},
        {"name": "b", "type": "string", "required": True, "enum": ["x"]},
    )
    found = result_of("csv", b"b,a\nx,\n,7\n,\nx,1\n", named)
    assert found.problems == {(2, "b", "required"), (3, "b", "required"), (4, "a", "minimum")}


def test_columns_that_the_header_lacks_are_absent_in_every_row() -> None:
    named = columns({"name": "c", "type": "integer", "required": True}, {"name": "d", "type": "integer"})
    assert result_of("csv", b"a,b\n1,2\n3,4\n", named).problems == {(1, "c", "required"), (2, "c", "required")}


def test_other_columns_are_bad_where_the_spec_says_so() -> None:
    named = columns({"name": "a", "type": "integer"}, additional=False)
    assert result_of("csv", b"a,b\n1,\n", named).problems == {(1, "b", "additional_properties")}


def test_all_problems_of_a_row_are_told_in_the_order_of_the_spec() -> None:
    named = columns(*({"name": name, "type": "integer"} for name in "cab"))
    [bad] = result_of("csv", b"a,b,c\nx,2,z\n", named).bad
    assert (bad["column"], bad["message"]) == ("c", "'z' is no integer")
    assert [each["column"] for each in bad["more"]] == ["a"]


def test_no_more_than_20_problems_of_a_row_are_told() -> None:
    names = [f"c{number}" for number in range(30)]
    named = columns(*({"name": name, "type": "integer"} for name in names))
    [bad] = result_of("csv", (",".join(names) + "\n" + "x," * 29 + "x").encode(), named).bad
    assert len(bad["more"]) == 19


def test_reasons_count_each_bad_row_once() -> None:
    named = columns({"name": "a", "type": "integer"}, {"name": "b", "type": "integer", "minimum": 1})
    assert result_of("csv", b"a,b\nx,0\n1,0\n1\n1,1\n", named).facts["reasons"] == {
        "field_count": 1,
        "minimum": 1,
        "type": 1,
    }


def test_messages_do_not_grow_with_the_value() -> None:
    [bad] = result_of("csv", csv_of("x" * 100_000), columns({"name": "a", "type": "integer"})).bad
    assert len(bad["message"]) < 600
