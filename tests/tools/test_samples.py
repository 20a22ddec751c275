"""Every sample producer, run through its recipe, is counted as the producer itself has counted."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random

import pytest

from lambdas.common.tables.metrics.aggregates import Count, Stats, Sum
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top
from lambdas.stream_analytics import recipes
from lambdas.stream_analytics.contract import Limits
from lambdas.stream_analytics.domain import tally as counted
from lambdas.stream_analytics.domain.analysis import Analysis
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.pieces import pieces
from lambdas.stream_analytics.domain.records import Batch as Records
from lambdas.stream_analytics.domain.records import Record
from tools.samples import SAMPLES
from tools.samples.base import Batch, Tally

START = datetime(2026, 11, 21, 23, 58, 30, tzinfo=UTC)
SPAN = timedelta(minutes=3)
"""Over midnight: two days of usage."""
COUNT = 1500
ABSENT = "no such item"


def analyze(*batches: Batch, key: bytes = b"key") -> tuple[Analysis, counted.Tally]:
    """The events of some batches, one after the other, and what they come to with repeated ones left out."""
    found = [import_module(f"lambdas.stream_analytics.recipes.{name}").RECIPE for name in SAMPLES]
    arrived = (START + SPAN).timestamp()
    data = [data for batch in batches for _, data in batch.events]
    records = [Record(str(number), each, arrived) for number, each in enumerate(data)]
    analysis = Analyzer(found, Limits(), key).analyze(pieces(Records("shard-0", records), None, Limits()))
    return analysis, analysis.tally(0, len(analysis), frozenset(_repeated(analysis)), frozenset())


def _repeated(analysis: Analysis) -> set[int]:
    seen: set[str] = set()
    repeated = set()
    for at in sorted(at for places in analysis.places.values() for at in places):
        once = analysis.recipe(at).once
        if once and (key := once(analysis.events[at])) in seen:
            repeated.add(at)
        elif once:
            seen.add(key)
    return repeated


def by_kind(tally: counted.Tally, kind: type) -> dict[tuple[str, str, int], object]:
    """Items of recipes, of one kind."""
    return {
        (item.metric, item.dimension, item.start): value
        for item, value in tally.items()
        if isinstance(value, kind) and not item.metric.startswith("stream.")
    }


def of_the_stream(tally: counted.Tally, metric: str) -> Counter[str]:
    """What is counted of the stream itself, by dimension."""
    found: Counter[str] = Counter()
    for item, value in tally.items():
        if item.metric == metric:
            assert isinstance(value, Count)
            found[item.dimension] += value.count
    return found


def assert_counted(tally: counted.Tally, told: Tally) -> None:
    """Both tell of the same items, and of each the same; sketches within the errors that they state."""
    assert by_kind(tally, Count) == {tuple(item): Count(times) for item, times in told.counts.items()}
    assert by_kind(tally, Sum) == {tuple(item): Sum(sum(each), len(each)) for item, each in told.sums.items()}  # type: ignore[arg-type]  # sums of at least one decimal
    assert by_kind(tally, Stats) == {tuple(item): Stats.of(each) for item, each in told.stats.items()}
    assert_sketched(tally, told)
    assert of_the_stream(tally, counted.REJECTED) == told.rejected
    assert of_the_stream(tally, counted.FILTERED) == told.filtered
    assert of_the_stream(tally, counted.REPEATED) == told.repeated


def assert_sketched(tally: counted.Tally, told: Tally) -> None:
    """The part of it that is about sketches."""
    distinct = by_kind(tally, Distinct)
    assert distinct.keys() == told.distinct.keys()
    for item, names in told.distinct.items():
        value = distinct[item]
        assert isinstance(value, Distinct)
        assert round(value.estimate) == len(names), item  # below 384 of them
    top = by_kind(tally, Top)
    assert top.keys() == told.top.keys()
    for item, occurrences in told.top.items():
        value = top[item]
        assert isinstance(value, Top)
        assert value.exact
        assert {each.name: each.estimate for each in value.items()} == occurrences, item
    quantiles = by_kind(tally, Quantiles)
    assert quantiles.keys() == told.quantiles.keys()
    for item, values in told.quantiles.items():
        value = quantiles[item]
        assert isinstance(value, Quantiles)
        assert value.count == len(values), item
        for q in (0, 0.5, 0.95, 0.99, 1):
            true = sorted(values)[math.floor(q * (len(values) - 1))]
            assert value.quantile(q) == pytest.approx(true, rel=0.01, abs=1e-9), (item, q)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(2))
def test_what_a_producer_made_is_counted_as_it_says(name: str, seed: int) -> None:
    batch = SAMPLES[name].batch(Random(seed), START, COUNT, span=SPAN, bad=0.05, twice=0.02)

    _, tally = analyze(batch)

    assert len(batch.events) == COUNT
    assert_counted(tally, batch.tally)


def test_batches_of_all_recipes_together_are_counted_as_their_tallies_add_up() -> None:
    batches = [sample.batch(Random(name), START, 200, span=SPAN, bad=0.1) for name, sample in SAMPLES.items()]
    batches += [sample.batch(Random(f"{name} 2"), START, 200, span=SPAN, bad=0.1) for name, sample in SAMPLES.items()]
    told = Tally()
    for batch in batches:
        told.add(batch.tally)

    _, tally = analyze(*batches)

    assert_counted(tally, told)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_holds_whatever_may_go_wrong(name: str) -> None:
    sample = SAMPLES[name]
    batch = sample.batch(Random(0), START, COUNT, bad=0.2, twice=0.02)
    texts = {data for _, data in batch.events}

    assert batch.tally.rejected.keys() == {
        "bad_json",
        "duplicate_keys",
        "unknown_type",
        "wrong_schema",
        "too_big",
        "too_late",
        "in_the_future",
    }
    assert len(texts) < len(batch.events), "none was put twice"
    analysis, tally = analyze(batch)
    assert len({rejected.message for rejected in analysis.rejected.values()}) > 10
    rules = {
        rule.name for recipe in analysis.recipes.values() if recipe.name == name for rule in recipe.cleanse.values()
    }
    assert of_the_stream(tally, counted.CLEANSED).keys() == {*rules, "utc_time"}


@pytest.mark.parametrize("name", SAMPLES)
def test_equal_seeds_make_equal_events_and_others_do_not(name: str) -> None:
    one, same, other = (SAMPLES[name].batch(Random(seed), START, 50) for seed in (1, 1, 2))

    assert one == same
    assert one.events != other.events


def test_events_are_as_big_as_those_that_speed_is_stated_for() -> None:
    events = SAMPLES["clickstream"].batch(Random(0), START, 1000, bad=0).events

    assert 200 < sum(len(data) for _, data in events) / len(events) < 300


def test_there_is_a_sample_for_every_recipe() -> None:
    modules = {path.stem for path in Path(recipes.__file__).parent.glob("*.py")} - {"__init__"}

    assert SAMPLES.keys() == modules
    for name in modules:
        assert import_module(f"lambdas.stream_analytics.recipes.{name}").RECIPE.name == name
