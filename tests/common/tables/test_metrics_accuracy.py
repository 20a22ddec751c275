"""The errors that the metrics table states, against exact computation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, Inexact
from functools import reduce
from random import Random
from statistics import fmean

import pytest
from ddsketch import DDSketch
from hypothesis import example, given
from hypothesis import strategies as st

from lambdas.common.tables.metrics.aggregates import Stats, Sum
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top

GREATEST = Decimal(10**15) - Decimal("0.000000001")
DURATIONS = st.lists(
    st.floats(0, 1e300, allow_subnormal=True) | st.floats(0.1, 1e5) | st.sampled_from([0.0, 7.0]), min_size=1
)


# --- decimals -------------------------------------------------------------------------------------------------------


def test_sums_are_exact_at_the_documented_bounds() -> None:
    """10^14 values of 15 and 9 digits: doubled 46 times, and then what is missing."""
    total = reduce(lambda one, _: one.merge(one), range(46), Sum.of([GREATEST]))
    rest = Sum(GREATEST * 29_631_255_822_336, 10**14 - 2**46)

    assert 10**14 - 2**46 == 29_631_255_822_336
    merged = total.merge(rest)
    assert merged.count == 10**14
    assert int(merged.total.scaleb(9)) == int(GREATEST.scaleb(9)) * 10**14
    assert Sum.from_attributes(merged.to_attributes()) == merged


def test_tiny_and_huge_values_keep_every_digit() -> None:
    tiny = Decimal("0.000000001")
    stats = Stats.of([GREATEST, tiny, -GREATEST, tiny])

    assert (stats.total, stats.minimum, stats.maximum) == (2 * tiny, -GREATEST, GREATEST)
    assert Sum.of([GREATEST, tiny]).total == 10**15


@pytest.mark.parametrize("kind", [Sum, Stats])
def test_what_would_be_rounded_is_refused(kind: type[Sum | Stats]) -> None:
    with pytest.raises(Inexact):
        kind.of([Decimal(10**37), Decimal("0.01")])
    with pytest.raises(Inexact):
        kind.of([Decimal(10**37)]).merge(kind.of([Decimal("0.01")]))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Sum, Stats])
@pytest.mark.parametrize("values", [["NaN"], ["Infinity"], ["1", "Infinity", "-Infinity"], ["sNaN"]])
def test_what_is_no_number_is_refused(kind: type[Sum | Stats], values: list[str]) -> None:
    with pytest.raises(ValueError, match="no exact sum"):
        kind.of(map(Decimal, values))


def test_the_mean_is_of_38_digits() -> None:
    third = Stats.of([Decimal(1), Decimal(0), Decimal(0)]).mean
    assert third == Decimal("0." + "3" * 38)
    with pytest.raises(ValueError, match="no values"):
        Stats.of([])


# --- distinct strings -----------------------------------------------------------------------------------------------

ERROR = 1.04 / math.sqrt(4096)


@pytest.mark.parametrize("size", [1_000, 20_000])
def test_distinct_strings_are_estimated_within_the_stated_standard_error(size: int) -> None:
    """Each within 4 standard errors, and all together as far apart as stated, without bias."""
    seeds = 30
    errors = [Distinct.of(f"{seed}/{number}" for number in range(size)).estimate / size - 1 for seed in range(seeds)]

    assert max(map(abs, errors)) < 4 * ERROR
    assert abs(fmean(errors)) < 4 * ERROR / math.sqrt(seeds)
    assert math.sqrt(fmean(error**2 for error in errors)) < 1.4 * ERROR


@given(st.sets(st.text(max_size=5), max_size=384))
def test_few_distinct_strings_are_counted_exactly(names: set[str]) -> None:
    """But for U+0000, which counts as the empty string does, and for hashes of 26 bits that are equal."""
    exact = len({name or "\0" for name in names})
    assert round(Distinct.of([*names, *names]).estimate) in {exact, exact - 1}


def test_many_distinct_strings_take_little_room() -> None:
    """Half a byte a register, a preamble, and the few registers that need more."""
    assert len(Distinct.of(map(str, range(50_000))).sketch) < 2_200


def test_the_empty_string_is_counted() -> None:
    assert round(Distinct.of(["", "a"]).estimate) == 2


# --- quantiles ------------------------------------------------------------------------------------------------------


@given(DURATIONS, st.floats(0, 1))
def test_quantiles_are_within_one_percent_of_the_value_at_their_rank(values: list[float], q: float) -> None:
    exact = sorted(values)[math.floor(q * (len(values) - 1))]
    # What is next to 0 in binary floating point counts as 0; the last term is the rounding of logarithms.
    assert Quantiles.of(values).quantile(q) == pytest.approx(exact, rel=0.01 + 1e-12, abs=2.3e-308)


@given(DURATIONS, st.floats(0, 1))
@example([5e-324, 2e-308, 3e-308], 0.5)
def test_quantiles_are_those_that_the_library_answers(values: list[float], q: float) -> None:
    library = DDSketch(0.01)
    for value in values:
        library.add(value)
    assert Quantiles.of(values).quantile(q) == library.get_quantile_value(q)


def test_quantiles_merged_over_minutes_are_those_of_the_hour() -> None:
    random = Random(7)
    minutes = [[random.lognormvariate(4, 1) for _ in range(200)] for _ in range(60)]
    merged = reduce(lambda one, other: one.merge(other), map(Quantiles.of, minutes))
    everything = sorted(value for minute in minutes for value in minute)

    assert merged.count == 12_000
    for q in (0.0, 0.5, 0.95, 0.99, 1.0):
        assert merged.quantile(q) == pytest.approx(everything[math.floor(q * 11_999)], rel=0.01)


@pytest.mark.parametrize("value", [-0.001, math.nan, math.inf, -math.inf, 1.79e308])
def test_what_has_no_bin_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no quantiles"):
        Quantiles.of([1.0, value])


@pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
def test_a_quantile_is_from_0_to_1(q: float) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        Quantiles.of([1.0]).quantile(q)


def test_no_values_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        Quantiles.of([]).quantile(0.5)


# --- most frequent strings ------------------------------------------------------------------------------------------


@given(st.dictionaries(st.text(max_size=4), st.integers(1, 10**9), max_size=40))
@example({"": 2})
def test_few_strings_are_listed_exactly_and_in_order(counts: dict[str, int]) -> None:
    top = Top.of(counts)

    assert top.exact
    expected = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    assert top.items() == [(name, count, count, count) for name, count in expected]


def test_top_is_exact_up_to_192_strings_however_they_came() -> None:
    random = Random(1)
    counts = {f"/page/{number}": random.randrange(1, 1000) for number in range(192)}
    names = list(Counter(counts).elements())
    random.shuffle(names)
    merged = reduce(
        lambda one, other: one.merge(other), [Top.of(Counter(names[at : at + 500])) for at in range(0, len(names), 500)]
    )

    assert merged == Top.of(counts)
    assert {row.name: row.estimate for row in merged.items()} == counts
    assert not merged.merge(Top.of({"/page/new": 1})).exact


def _zipf(random: Random, distinct: int, events: int) -> Counter[str]:
    weights = [1 / (rank + 1) for rank in range(distinct)]
    return Counter(f"/page/{page}" for page in random.choices(range(distinct), weights, k=events))


def _uniform(random: Random, distinct: int, events: int) -> Counter[str]:
    return Counter(f"/page/{random.randrange(distinct)}" for _ in range(events))


def _once_each(random: Random, distinct: int, events: int) -> Counter[str]:
    """The sketch loses every counter, and with them what it knows of its error."""
    del events
    return Counter([f"/page/{page}" for page in random.sample(range(distinct), 193)])


@pytest.mark.parametrize("make", [_zipf, _uniform, _once_each])
@pytest.mark.parametrize("batches", [1, 2, 30])
@pytest.mark.parametrize("seed", range(5))
def test_many_strings_are_listed_within_the_stated_error(
    make: Callable[[Random, int, int], Counter[str]], batches: int, seed: int
) -> None:
    random = Random(seed)
    parts = [make(random, 2_000, 3_000) for _ in range(batches)]
    _check_bounds(parts)


@pytest.mark.parametrize("seed", range(5))
def test_many_exact_lists_are_merged_within_the_stated_error(seed: int) -> None:
    """All that is lost is lost in merging."""
    random = Random(seed)
    _check_bounds([_uniform(random, 2_000, 150) + Counter({"/page/hot": 10}) for _ in range(40)])


def _check_bounds(parts: list[Counter[str]]) -> None:
    truth = sum(parts, Counter())
    top = reduce(lambda one, other: one.merge(other), map(Top.of, parts))
    top = Top.from_attributes(top.to_attributes())
    listed = {row.name: row for row in top.items()}

    assert top.weight == truth.total()
    assert 0 < top.max_error <= 3.5 / 256 * top.weight
    assert not top.exact
    for name, count in truth.items():
        if name in listed:
            assert listed[name].lower <= count <= listed[name].upper
            assert listed[name].estimate == listed[name].upper == listed[name].lower + top.max_error
        else:
            assert count <= top.max_error
    assert [row.estimate for row in top.items()] == sorted((row.estimate for row in top.items()), reverse=True)


@pytest.mark.parametrize("exact_first", [True, False])
def test_merging_with_an_exact_list_keeps_the_error_of_the_other(exact_first: bool) -> None:  # noqa: FBT001
    vague, exact = Top.of(_zipf(Random(1), 2_000, 3_000)), Top.of({"/page/0": 5})
    top = exact.merge(vague) if exact_first else vague.merge(exact)

    assert (top.weight, top.max_error) == (3_005, vague.max_error)
    assert top.items()[0].upper == vague.items()[0].upper + 5


@pytest.mark.parametrize("seed", range(3))
def test_one_skewed_batch_is_listed_within_a_fifth_of_the_stated_error(seed: int) -> None:
    top = Top.of(_zipf(Random(seed), 2_000, 3_000))
    assert top.max_error <= 3.5 / 256 / 5 * top.weight


@pytest.mark.parametrize("seed", range(10))
def test_top_is_commutative_beyond_its_capacity_too(seed: int) -> None:
    random = Random(seed)
    one, other = Top.of(_zipf(random, 2_000, 3_000)), Top.of(_uniform(random, 2_000, 2_000))
    assert one.merge(other) == other.merge(one)


@pytest.mark.parametrize("counts", [{"a": 0}, {"a": -1}, {"a" * 257: 1}])
def test_counts_below_1_and_long_names_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a count is 1 or more"):
        Top.of(counts)
