"""Whoever is compared in `make bench` counts the same, and what they are measured with is as described."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.harness import BenchError
from bench.stream_analytics import inputs, measurements
from bench.stream_analytics.implementations import IMPLEMENTATIONS, click_of
from bench.stream_analytics.peers import digest
from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.domain.tally import Item
from tests.events.kinesis import event as kinesis_event
from tests.events.kinesis import record

COUNTING = {name: make() for name, make in IMPLEMENTATIONS.items() if name != "floor"}
NOW = 1_795_255_500.0  # 2026-11-21T10:05:00Z
MINUTE = 1_795_255_440

GOOD: dict[str, Any] = {
    "type": "clickstream",
    "time": "2026-11-21T10:04:30Z",
    "visitor": "v-1",
    "session": "s-1",
    "action": "view",
    "url": "https://shop.example.com/a",
    "referrer": None,
}
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
urls = st.sampled_from(
    [
        "https://shop.example.com/a",
        "https://shop.example.com/a?utm_source=x",
        "HTTPS://Shop.Example.com:443/a#b",
        "https://shop.example.com/b?y=1&x=2",
        "no-url",
    ]
)
times = st.sampled_from(
    ["2026-11-21T10:04:30Z", "2026-11-21T10:03:59.999Z", "2026-11-21T12:04:30.5+02:00", "2026-11-20T23:30:00-05:00"]
)
good = st.fixed_dictionaries(
    {
        "type": st.just("clickstream"),
        "time": times,
        "visitor": st.one_of(st.sampled_from(["v-1", " v-1 ", "v-2"]), texts),
        "session": st.one_of(st.just(" s  1 "), texts),
        "action": st.sampled_from(["view", "click"]),
        "url": urls,
        "referrer": st.one_of(st.none(), urls),
    }
)
BAD: list[dict[str, Any]] = [
    GOOD | {"unknown": 1},
    {name: value for name, value in GOOD.items() if name != "referrer"},
    GOOD | {"type": "other"},
    GOOD | {"action": "hover"},
    GOOD | {"visitor": ""},
    GOOD | {"session": 5},
    GOOD | {"url": "x" * 2049},
    GOOD | {"referrer": ""},
    GOOD | {"time": "2026-11-21T10:04:30"},
    GOOD | {"time": "yesterday"},
    GOOD | {"time": "2026-11-20T10:00:00Z"},
    GOOD | {"time": "2026-11-21T10:20:00Z"},
]


def _event(clicks: list[Any]) -> dict[str, Any]:
    records = [
        record(json.dumps(click).encode(), sequence_number=str(10**20 + at), arrival=NOW)
        for at, click in enumerate(clicks)
    ]
    return json.loads(json.dumps(kinesis_event(*records)))  # type: ignore[no-any-return]


def _digests(clicks: list[Any]) -> dict[str, str | None]:
    return {name: digest(count(_event(clicks))) for name, count in COUNTING.items()}


@settings(max_examples=60, print_blob=True, deadline=None)
@given(st.lists(st.one_of(good, good, good, st.sampled_from(BAD)), min_size=1, max_size=12))
def test_all_implementations_count_the_same(clicks: list[Any]) -> None:
    assert len(set(_digests(clicks).values())) == 1


@pytest.mark.parametrize("bad", BAD)
def test_every_implementation_refuses(bad: dict[str, Any]) -> None:
    tally = COUNTING["ours"](_event([GOOD, bad]))
    rejected = sum(each.count for item, each in tally.items() if item.metric == "stream.rejected")

    assert rejected == 1
    assert [COUNTING[name](_event([GOOD, bad])).rejected for name in COUNTING if name != "ours"] == [1, 1]


def test_every_implementation_counts_what_there_is() -> None:
    clicks = [GOOD, GOOD | {"action": "click"}, GOOD | {"visitor": "v-2", "url": GOOD["url"] + "?utm_source=x"}]
    tally = COUNTING["ours"](_event(clicks))

    assert tally[Item("clickstream.views", "", MINUTE)] == Count(2)
    assert tally[Item("clickstream.clicks", "", MINUTE)] == Count(1)
    for name in ("powertools-pydantic", "stdlib"):
        (minute,) = COUNTING[name](_event(clicks)).minutes.values()
        assert (minute.views, minute.clicks, len(minute.visitors)) == (2, 1, 2)
        assert minute.pages == {"shop.example.com/a": 2}
        assert minute.referrers == {"(direct)": 2}


def test_stdlib_cleanses_what_is_not_counted_too() -> None:
    click = click_of(b64encode(json.dumps(GOOD | {"session": " a  b ", "time": "2026-11-21T12:04:30+02:00"}).encode()))

    assert click["session"] == "a b"
    assert click["time"].isoformat() == "2026-11-21T10:04:30+00:00"


@pytest.mark.parametrize(
    "change",
    [{"visitor": "v-9"}, {"action": "click"}, {"url": "https://other.example.com/"}, {"referrer": "https://r/"}],
)
def test_a_difference_in_any_count_is_a_difference_in_the_digest(change: dict[str, Any]) -> None:
    one, other = _digests([GOOD, GOOD]), _digests([GOOD, GOOD | change])

    for name in COUNTING:
        assert one[name] != other[name]


def test_the_bench_refuses_to_compare_those_that_count_differently() -> None:
    measurements.check({"ours": "a", "stdlib": "a", "floor": None})

    with pytest.raises(BenchError, match="stdlib did not count"):
        measurements.check({"ours": "a", "stdlib": "b", "floor": None})


@pytest.mark.parametrize("kind", ["plain", "packed", "gzip", "kpl"])
def test_packed_or_not_the_same_clicks_give_the_same_counts(
    kind: inputs.Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "FOLDER", tmp_path)
    inputs.invocations.cache_clear()
    plain, packed = (json.loads(inputs.invocations(each, 500)[0].read_text()) for each in ("plain", kind))
    inputs.invocations.cache_clear()

    assert len(packed["Records"]) == 500 if kind == "plain" else len(packed["Records"]) < 10
    assert digest(COUNTING["ours"](packed)) == digest(COUNTING["stdlib"](plain))


def test_clicks_are_as_described() -> None:
    clicks = list(islice(inputs.clicks(), 10_000))
    fields = [json.loads(click) for click in clicks]

    assert 230 <= mean(map(len, clicks)) <= 260
    assert 2500 <= len({each["visitor"] for each in fields}) <= 3000
    assert 0.78 <= mean(each["action"] == "view" for each in fields) <= 0.82
    assert 0.08 <= mean(not each["time"].endswith("Z") for each in fields) <= 0.12
    assert clicks == list(islice(inputs.clicks(), 10_000))


def test_distinct_clicks_share_neither_visitor_nor_url() -> None:
    fields = [json.loads(click) for click in islice(inputs.clicks(distinct=True), 3000)]

    assert [len({each[name] for each in fields}) for name in ("visitor", "url")] == [3000, 3000]
