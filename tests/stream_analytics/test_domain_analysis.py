"""A batch's tally is that of its parts, each event counts in its own minute, and no recipe's error stops a batch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from importlib import import_module
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.contract import Limits, ReasonCode, RedrivenEvent
from lambdas.stream_analytics.domain.analysis import Analysis
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.cleansing import PERSONAL, TRIM, Rule, pseudonym
from lambdas.stream_analytics.domain.events import Event, Name
from lambdas.stream_analytics.domain.pieces import Pieces, pieces
from lambdas.stream_analytics.domain.recipe import DAY, Measure, Recipe, count, distinct, top_of_many
from lambdas.stream_analytics.domain.records import Batch, Record
from lambdas.stream_analytics.domain.rejection import Rejected
from lambdas.stream_analytics.domain.tally import Item, Tally
from tests.stream_analytics.analyzing import KEY, NOON, START, Content, analyze, in_pieces, only, reasons, values
from tools.samples import SAMPLES

LIMITS = Limits(max_late_seconds=3600, max_early_seconds=120)
NOTHING: frozenset[int] = frozenset()


class Note(Event, tag="note"):
    who: Name
    label: Name
    words: list[str]


def note(who: str = "ada", label: str = "a", words: tuple[str, ...] = (), time: object = NOON) -> Content:
    return {"type": "note", "time": time, "who": who, "label": label, "words": words}


MEASURES: tuple[Measure[Note], ...] = (
    count("notes", by=lambda each: each.label),
    count("of_ada", where=lambda each: each.label == "a"),
    count("a_day", period=DAY),
    distinct("people", lambda each: each.who),
    top_of_many("words", lambda each: each.words),
)
NOTES = Recipe(event=Note, cleanse={"who": PERSONAL, "label": TRIM}, measures=MEASURES)


def raise_for_bad(event: Note) -> bool:
    if event.label == "bad":
        raise KeyError("no such label")
    return True


def fail_on_bad(text: str) -> str:
    if text == "bad":
        raise IndexError("no such text")
    return text


FAULTY: dict[str, Recipe[Any]] = {
    "a filter": Recipe(event=Note, cleanse={"who": PERSONAL}, keep=raise_for_bad, measures=MEASURES),
    "a measure": Recipe(
        event=Note, cleanse={"who": PERSONAL}, measures=(*MEASURES, count("x", where=raise_for_bad, period=DAY))
    ),
    "a dimension": Recipe(
        event=Note,
        cleanse={"who": PERSONAL},
        measures=(*MEASURES, count("x", by=lambda each: {"a": "a"}[each.label])),
    ),
    "a rule": Recipe(event=Note, cleanse={"who": PERSONAL, "label": Rule("no_bad", fail_on_bad)}, measures=MEASURES),
}


@pytest.mark.parametrize("recipe", FAULTY.values(), ids=FAULTY)
def test_only_the_events_for_which_a_recipe_raises_an_error_are_rejected(recipe: Recipe[Any]) -> None:
    good = [note(f"user {number}") for number in range(4)]
    bad = note("eve", "bad")

    analysis = analyze(recipe, good[0], bad, good[1], good[2], bad | {"x": 1}, bad, good[3])

    recipe_error = ReasonCode.RECIPE_ERROR
    assert reasons(analysis) == {1: recipe_error, 4: ReasonCode.WRONG_SCHEMA, 5: recipe_error}
    assert "Error: " in analysis.rejected[1].message
    assert analysis.payload(1) == msgspec.json.encode(bad)
    assert values(analysis.whole, "note.notes") == {"a": Count(4)}
    assert values(analysis.whole, "stream.rejected") == {"recipe_error": Count(2), "wrong_schema": Count(1)}


@pytest.mark.parametrize("recipe", FAULTY.values(), ids=FAULTY)
def test_a_pseudonym_is_made_once_even_where_a_batch_is_analyzed_anew(recipe: Recipe[Any]) -> None:
    analysis = analyze(recipe, note("ada"), note("eve", "bad"), note("bob"))

    assert [analysis.events[at].who for at in (0, 2)] == [pseudonym("ada", KEY), pseudonym("bob", KEY)]
    assert values(analysis.whole, "stream.cleansed") == {"pseudonym": Count(2)}


# --- time -----------------------------------------------------------------------------------------------------------


def at(seconds: float) -> Content:
    return note(time=NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (0, None),
        (-3600, None),
        (-3600.001, ReasonCode.TOO_LATE),
        (-3601, ReasonCode.TOO_LATE),
        (-86400, ReasonCode.TOO_LATE),
        (120, None),
        (179.999, None),
        (180, ReasonCode.IN_THE_FUTURE),
        (10**8, ReasonCode.IN_THE_FUTURE),
    ],
)
def test_an_event_is_of_a_minute_in_which_it_may_have_happened(seconds: float, reason: ReasonCode | None) -> None:
    analysis = analyze(NOTES, at(0), at(seconds), at(0), limits=LIMITS)

    assert reasons(analysis) == ({1: reason} if reason else {})
    counted = [
        value.count
        for item, value in analysis.whole.items()
        if item.metric == "note.notes" and isinstance(value, Count)
    ]
    assert sum(counted) == (2 if reason else 3)


@pytest.mark.parametrize("offset", [0, 59])
def test_the_bounds_are_those_of_the_record_that_an_event_came_in(offset: int) -> None:
    arrived = [START + offset, START + offset + 7200, START + offset]
    payloads = [msgspec.json.encode(at(seconds)) for seconds in (0, 0, 7200)]

    analysis = Analyzer([NOTES], LIMITS, KEY).analyze(in_pieces(payloads, arrived))

    assert reasons(analysis) == {1: ReasonCode.TOO_LATE, 2: ReasonCode.IN_THE_FUTURE}
    rejected = {item: value for item, value in analysis.whole.items() if item.metric == "stream.rejected"}
    assert rejected == {
        Item("stream.rejected", "too_late", START + 7200): Count(1),
        Item("stream.rejected", "in_the_future", START): Count(1),
    }


def test_a_redriven_event_is_judged_by_when_it_first_arrived() -> None:
    def redriven(arrived: float) -> bytes:
        payload = msgspec.json.encode(at(0))
        return msgspec.json.encode(
            RedrivenEvent(shard_id="old", sequence_number="7".zfill(56), index=2, arrived=arrived, payload=payload)
        )

    payloads = [redriven(START), redriven(START + 7200), redriven(START - 7200), redriven(START)]
    analysis = Analyzer([NOTES], LIMITS, KEY).analyze(in_pieces(payloads, [START + 10**6] * 4))

    assert reasons(analysis) == {1: ReasonCode.TOO_LATE, 2: ReasonCode.IN_THE_FUTURE}
    assert str(analysis.origin(0)) == f"old#{'7'.zfill(56)}#000002"
    assert analysis.payload(1) == msgspec.json.encode(at(0))


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_calendar_has_in_utc_is_rejected_as_untimely_and_not_as_the_fault_of_the_recipe(
    time: str,
) -> None:
    analysis = analyze(NOTES, note(), note(time=time), note())

    assert reasons(analysis)[1] in {ReasonCode.TOO_LATE, ReasonCode.IN_THE_FUTURE, ReasonCode.WRONG_SCHEMA}
    assert values(analysis.whole, "note.notes") == {"a": Count(2)}


def test_times_are_brought_to_utc_and_those_that_were_not_are_counted() -> None:
    times = [
        "2026-11-21T13:00:30+01:00",
        "2026-11-21T12:00:30Z",
        "2026-11-21T12:00:30+00:00",
        "2026-11-21T06:30:30-05:30",
    ]

    analysis = analyze(NOTES, *(note(time=time) for time in times))

    assert {event.time for event in analysis.events} == {NOON + timedelta(seconds=30)}
    assert {event.time.tzinfo for event in analysis.events} == {UTC}
    assert values(analysis.whole, "stream.cleansed")["utc_time"] == Count(2)
    assert analysis.whole[Item("note.notes", "a", START)] == Count(4)


def test_an_event_counts_in_its_own_minute_and_day() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    seconds = [-60.001, -60, -0.001, 0, 59.999]
    payloads = [msgspec.json.encode(note(time=midnight + timedelta(seconds=each))) for each in seconds]

    analysis = Analyzer([NOTES], Limits(), KEY).analyze(in_pieces(payloads, [midnight.timestamp()] * 5))

    start = int(midnight.timestamp())
    assert {item.start - start: value for item, value in analysis.whole.items() if item.metric == "note.notes"} == {
        -120: Count(1),
        -60: Count(2),
        0: Count(2),
    }
    assert {item.start - start: value for item, value in analysis.whole.items() if item.metric == "note.a_day"} == {
        -86400: Count(3),
        0: Count(2),
    }


# --- what counts ----------------------------------------------------------------------------------------------------


def test_what_a_recipe_does_not_keep_is_counted_as_filtered_alone() -> None:
    recipe = Recipe(event=Note, keep=lambda each: each.label == "a", measures=MEASURES)

    analysis = analyze(recipe, note(), note(label="b"), note(), note(label="c"))

    assert values(analysis.whole, "stream.filtered") == {"note": Count(2)}
    assert values(analysis.whole, "note.notes") == {"a": Count(2)}
    assert analysis.places[Note] == [0, 2]


def test_filters_and_measures_see_cleansed_events() -> None:
    recipe = Recipe(event=Note, cleanse={"label": TRIM}, keep=lambda each: each.label == "a b", measures=MEASURES)

    assert values(analyze(recipe, note(label=" a  b ")).whole, "note.notes") == {"a b": Count(1)}


def test_events_that_have_nothing_of_a_measure_make_no_item() -> None:
    analysis = analyze(NOTES, note(label="b"), note(label="b"))

    assert {item.metric for item in analysis.whole} == {"note.notes", "note.a_day", "note.people", "stream.cleansed"}


def test_repeated_and_conflicting_events_are_counted_as_such_alone() -> None:
    analysis = analyze(NOTES, note("a"), note("b"), note("c"), note("d"))

    tally = analysis.tally(0, 4, frozenset({1}), frozenset({3}))

    assert values(tally, "note.notes") == {"a": Count(2)}
    assert round(only(tally, "note.people").estimate) == 2
    assert values(tally, "stream.repeated") == {"note": Count(1)}
    assert values(tally, "stream.rejected") == {"conflict": Count(1)}
    assert values(analysis.whole, "note.notes") == {"a": Count(4)}


# --- parts of a batch -----------------------------------------------------------------------------------------------


def merged(tallies: list[Tally]) -> Tally:
    def add(one: Tally, other: Tally) -> Tally:
        both = {item: one[item].merge(other[item]) for item in one.keys() & other.keys()}
        return one | other | both

    return reduce(add, tallies, {})


ANALYZER = Analyzer(
    [import_module(f"lambdas.stream_analytics.recipes.{name}").RECIPE for name in SAMPLES], Limits(), KEY
)
BATCHES: dict[int, tuple[Batch, Analysis]] = {}
COUNT = 140


def sampled(seed: int) -> tuple[Batch, Analysis]:
    """Events of all recipes in turn, some of them bad, and their analysis."""
    if seed not in BATCHES:
        span = timedelta(minutes=2)
        made = [
            sample.batch(Random(f"{name} {seed}"), NOON, COUNT // 7, span=span, bad=0.2, twice=0.1).events
            for name, sample in SAMPLES.items()
        ]
        data = [data for each in zip(*made, strict=True) for _, data in each]
        batch = Batch("shard-0", [Record(str(number), each, START + number) for number, each in enumerate(data)])
        BATCHES[seed] = batch, ANALYZER.analyze(pieces(batch, None, Limits()))
    return BATCHES[seed]


CUTS = st.lists(st.integers(0, COUNT), max_size=6).map(lambda cuts: sorted([0, *cuts, COUNT]))


@settings(max_examples=40, deadline=None, print_blob=True)
@given(st.integers(0, 3), CUTS, st.randoms(use_true_random=False))
def test_the_tallies_of_the_parts_of_a_batch_merge_to_that_of_the_whole_in_any_order(
    seed: int, cuts: list[int], random: Random
) -> None:
    analysis = sampled(seed)[1]

    parts = [analysis.tally(start, stop, NOTHING, NOTHING) for start, stop in pairwise(cuts)]
    random.shuffle(parts)

    assert merged(parts) == analysis.whole


@settings(max_examples=25, deadline=None, print_blob=True)
@given(st.integers(0, 3), CUTS)
def test_a_part_analyzed_alone_comes_to_what_it_comes_to_within_the_batch(seed: int, cuts: list[int]) -> None:
    batch, analysis = sampled(seed)

    for start, stop in pairwise(cuts):
        if start < stop:
            alone = ANALYZER.analyze(pieces(Batch("shard-0", batch.records[start:stop]), None, Limits()))
            assert alone.whole == analysis.tally(start, stop, NOTHING, NOTHING)


@settings(max_examples=40, deadline=None, print_blob=True)
@given(st.integers(0, 3), CUTS, st.data())
def test_parts_merge_to_the_whole_also_where_some_events_do_not_count(
    seed: int, cuts: list[int], data: st.DataObject
) -> None:
    analysis = sampled(seed)[1]
    counting = sorted(place for places in analysis.places.values() for place in places)
    out = data.draw(st.lists(st.sampled_from(counting), unique=True, max_size=30))
    repeated, conflicting = out[::2], out[1::2]

    def tally(start: int, stop: int) -> Tally:
        inside = range(start, stop)
        return analysis.tally(
            start,
            stop,
            frozenset(place for place in repeated if place in inside),
            frozenset(place for place in conflicting if place in inside),
        )

    parts = [tally(start, stop) for start, stop in pairwise(cuts)]
    assert merged(parts) == tally(0, COUNT)


def test_every_measure_of_every_recipe_is_met_by_the_samples_above() -> None:
    metrics = {item.metric for seed in range(4) for item in sampled(seed)[1].whole}

    recipes = [import_module(f"lambdas.stream_analytics.recipes.{name}").RECIPE for name in SAMPLES]
    expected = {f"{recipe.name}.{measure.name}" for recipe in recipes for measure in recipe.measures}
    assert expected <= metrics


# --- pieces that are bad before they are decoded ----------------------------------------------------------------------


def test_what_is_rejected_before_decoding_keeps_its_place() -> None:
    payloads = [msgspec.json.encode(each) for each in (note("a"), note("b"), note("c"))]
    some = in_pieces([payloads[0], b"broken", payloads[1], payloads[2]])
    bad = Pieces(some.shard_id, some.payloads, some.records, some.indices, {1: Rejected(ReasonCode.BAD_GZIP, "x")})

    analysis = Analyzer([NOTES], Limits(), KEY).analyze(bad)

    assert reasons(analysis) == {1: ReasonCode.BAD_GZIP}
    assert [analysis.events[place].who for place in (0, 2, 3)] == [pseudonym(who, KEY) for who in "abc"]


def test_a_batch_of_nothing_comes_to_nothing() -> None:
    analysis = Analyzer([NOTES], Limits(), KEY).analyze(in_pieces([]))

    assert (len(analysis), analysis.whole) == (0, {})
