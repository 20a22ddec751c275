"""What every value of the metrics table promises: merged as one likes, stored and read, it stays the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.common.dynamodb import item_size
from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Stats, Sum, from_attributes
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top

MONEY = st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=9) | st.integers(-9, 9).map(Decimal)
DURATIONS = st.floats(0, 1e12) | st.sampled_from([0.0, 1.0, 2.5])
FEW_NAMES = st.text(max_size=3) | st.sampled_from(["/", "/home", "/cart"])


@dataclass(frozen=True)
class Kind:
    """How values of a kind come about: out of a batch of events."""

    of: Callable[[Sequence[Any]], Aggregate]
    events: st.SearchStrategy[Any]


KINDS = {
    "count": Kind(lambda events: Count(len(events)), st.none()),
    "sum": Kind(Sum.of, MONEY),
    "stats": Kind(Stats.of, MONEY),
    "distinct": Kind(Distinct.of, FEW_NAMES),
    "quantiles": Kind(Quantiles.of, DURATIONS),
    "top": Kind(lambda events: Top.of(Counter(events)), FEW_NAMES),
}
EACH_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def merged(values: Sequence[Any]) -> Any:
    """Merged one after the other, as a reader does."""
    return reduce(lambda one, other: one.merge(other), values)


def stored(value: Aggregate) -> Any:
    """Written to the table and read back."""
    return from_attributes({"metric": {"S": "m"}, "expires_at": {"N": "1"}, **value.to_attributes()})


@EACH_KIND
@given(data=st.data())
def test_batches_may_be_cut_and_merged_in_any_way(kind: Kind, data: st.DataObject) -> None:
    """Equal in value and in every stored byte."""
    events = data.draw(st.lists(kind.events, min_size=1, max_size=40))
    shuffled = data.draw(st.permutations(events))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=5)) - {len(events)})
    values = [kind.of(shuffled[begin:end]) for begin, end in zip([0, *cuts], [*cuts, None], strict=True)]
    while len(values) > 1:
        at = data.draw(st.integers(0, len(values) - 2))
        values[at : at + 2] = [stored(values[at].merge(values[at + 1]))]

    whole = kind.of(events)

    assert values[0] == whole
    assert values[0].to_attributes() == whole.to_attributes()


@EACH_KIND
@given(data=st.data())
def test_merging_is_commutative(kind: Kind, data: st.DataObject) -> None:
    one, other = (kind.of(data.draw(st.lists(kind.events, min_size=1, max_size=20))) for _ in range(2))
    assert merged([one, other]).to_attributes() == merged([other, one]).to_attributes()


@EACH_KIND
@given(data=st.data())
def test_values_are_read_as_they_were_written(kind: Kind, data: st.DataObject) -> None:
    value = kind.of(data.draw(st.lists(kind.events, min_size=1, max_size=40)))
    back = stored(value)
    assert type(back) is type(value)
    assert back == value


@EACH_KIND
@given(data=st.data())
def test_merging_leaves_both_sides_as_they_were(kind: Kind, data: st.DataObject) -> None:
    one, other = (kind.of(data.draw(st.lists(kind.events, min_size=1, max_size=20))) for _ in range(2))
    before = one.to_attributes(), other.to_attributes()
    merged([one, other])
    assert (one.to_attributes(), other.to_attributes()) == before


@pytest.mark.parametrize(
    ("nothing", "value"),
    [
        (Count(0), Count(3)),
        (Sum.of([]), Sum.of([Decimal(3)])),
        (Distinct.of([]), Distinct.of(["a", "b"])),
        (Quantiles.of([]), Quantiles.of([0.0, 1.5])),
        (Top.of({}), Top.of({"a": 2, "b": 1})),
    ],
    ids=lambda value: value.kind,
)
def test_merging_with_nothing_changes_nothing(nothing: Aggregate, value: Aggregate) -> None:
    assert merged([nothing, value]) == merged([value, nothing]) == value
    assert stored(nothing) == nothing


@pytest.mark.parametrize("size", [1, 7, 8, 9, 300, 384, 385, 500, 5_000, 60_000])
def test_distinct_depends_on_the_set_alone_in_every_mode_of_the_sketch(size: int) -> None:
    """Lists, hash tables and registers; any order, cut and tree of merges: equal bytes, so equal estimates."""
    random = Random(size)
    names = [f"visitor-{number}" for number in range(size)]
    expected = Distinct.of(names)
    for _ in range(4):
        random.shuffle(names)
        cuts = sorted(random.choices(range(size), k=random.choice([1, 3, 20])))
        values = [Distinct.of(names[begin:end]) for begin, end in zip([0, *cuts], [*cuts, None], strict=True)]
        values.append(Distinct.of(random.choices(names, k=min(size, 600))))
        while len(values) > 1:
            at = random.randrange(len(values) - 1)
            values[at : at + 2] = [stored(values[at].merge(values[at + 1]))]
        assert values[0] == expected


def test_attributes_are_readable_in_the_console() -> None:
    assert Count(5).to_attributes() == {"kind": {"S": "count"}, "count": {"N": "5"}}
    assert Sum.of([Decimal("12.50"), Decimal("7.50")]).to_attributes() == {
        "kind": {"S": "sum"},
        "total": {"N": "20"},
        "count": {"N": "2"},
    }
    assert Stats.of([Decimal("-0"), Decimal("1E+2")]).to_attributes() == {
        "kind": {"S": "stats"},
        "count": {"N": "2"},
        "minimum": {"N": "0"},
        "maximum": {"N": "100"},
        "total": {"N": "100"},
    }
    assert Distinct.of(["a", "b", "a"]).to_attributes()["estimate"] == {"N": "2"}
    assert Quantiles.of([0.0, 1.0, 1.0]).to_attributes()["count"] == {"N": "3"}
    assert Top.of({"a": 2, "b": 5}).to_attributes()["weight"] == {"N": "7"}


@pytest.mark.parametrize("attributes", [{}, {"kind": {"S": "median"}, "count": {"N": "1"}}])
def test_an_unknown_kind_is_never_passed_over(attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no known kind"):
        from_attributes(attributes)


def test_the_largest_top_fits_an_item() -> None:
    widest = Top.of({chr(0x1F600 + number) * 256: 2**40 + number for number in range(192)})
    assert widest.exact
    assert item_size(widest.to_attributes()) < 350 * 1024


IMPORTED = "import json, sys; {}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"


def imported_by(code: str) -> tuple[set[str], str]:
    """Top-level packages that the code imports in a new process, and what it writes to stderr."""
    command = [sys.executable, "-c", IMPORTED.format(code)]
    completed = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(completed.stdout)), completed.stderr


def test_exact_values_and_the_reader_import_no_sketches() -> None:
    package = "lambdas.common.tables.metrics"
    packages, _ = imported_by(f"import {package}.aggregates, {package}.reader, {package}.layout")
    assert not packages & {"_datasketches", "datasketches", "ddsketch", "numpy", "boto3", "botocore"}


def test_sketches_come_without_numpy_and_say_nothing() -> None:
    packages, said = imported_by("import lambdas.common.tables.metrics.sketches")
    assert {"_datasketches", "ddsketch"} <= packages
    assert not packages & {"numpy", "datasketches"}
    assert said == ""


def test_numpy_is_there_for_those_who_import_it_later() -> None:
    """And the classes are the very ones that the package exposes."""
    code = (
        "from lambdas.common.tables.metrics import sketches; import numpy, datasketches; "
        "names = ['hll_sketch', 'hll_union', 'frequent_strings_sketch']; "
        "assert all(getattr(datasketches, name) is getattr(sketches.datasketches, name) for name in names); "
        "assert numpy.arange(3).sum() == 3"
    )
    packages, _ = imported_by(code)
    assert "numpy" in packages
