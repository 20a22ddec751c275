"""A sample producer puts what it tells of, at the rate that it was given."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from lambdas.common.producer import PACKED_BYTES, Producer
from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.contract import Limits
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.pieces import pieces
from lambdas.stream_analytics.domain.records import Batch, Record
from lambdas.stream_analytics.domain.tally import Item
from lambdas.stream_analytics.recipes.telemetry import RECIPE
from tools.produce import Produce, as_json
from tools.samples import SAMPLES

START = datetime(2026, 11, 21, 12, 0, 59, tzinfo=UTC)


@dataclass
class Street:
    """A stream and a clock."""

    now: datetime = START
    puts: list[tuple[float, bytes]] = field(default_factory=list)

    def put_records(self, *, Records: Any, StreamName: str) -> Any:  # noqa: N803  boto3's names
        assert StreamName == "events"
        self.puts += [(self.now.timestamp(), each["Data"]) for each in Records]
        return {"FailedRecordCount": 0, "Records": [{} for _ in Records]}

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def produce(self, *, packed: bool, seed: str = "seed") -> dict[str, Any]:
        tally = Produce(
            SAMPLES["telemetry"],
            Producer(self, "events"),
            rate=300,
            seconds=4,
            packed=packed,
            random=Random(seed),
            now=lambda: self.now,
            sleep=self.sleep,
        ).run()
        return json.loads(json.dumps(as_json(tally)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("packed", [False, True])
def test_what_was_put_is_analyzed_as_the_tally_says(packed: bool) -> None:  # noqa: FBT001
    street = Street()

    told = street.produce(packed=packed)

    records = [Record(str(number), data, at) for number, (at, data) in enumerate(street.puts)]
    analysis = Analyzer([RECIPE], Limits(), b"key").analyze(pieces(Batch("shard-0", records), None, Limits()))
    tally = analysis.whole
    assert len(analysis) == 4 * 300
    counts = {item: each.count for item, each in tally.items() if isinstance(each, Count)}
    refused = Counter(rejected.code for rejected in analysis.rejected.values())
    assert refused == told["rejected"]
    assert told["items"]
    for item in told["items"]:
        if "count" in item:
            assert counts[Item(item["metric"], item["dimension"], item["start"])] == item["count"]


def test_each_second_has_its_share_and_no_event_is_of_the_future() -> None:
    street = Street()

    street.produce(packed=False)

    assert [at - START.timestamp() for at, _ in street.puts] == [second for second in (1, 2, 3, 4) for _ in range(300)]
    for at, data in street.puts:
        try:
            time = datetime.fromisoformat(msgspec.json.decode(data)["time"])
        except (ValueError, KeyError, UnicodeDecodeError):
            continue  # malformed on purpose
        # But for those that are stamped wrong on purpose, by two hours or two days.
        assert at - 1 <= time.timestamp() < at or abs(time.timestamp() - at) > 7000


def test_packed_records_are_few_and_filled() -> None:
    street, plain = Street(), Street()

    street.produce(packed=True)
    plain.produce(packed=False)

    assert len(plain.puts) == 1200
    small = [data for _, data in street.puts if len(data) <= PACKED_BYTES]
    assert len(small) <= 4 * 8 * 2


def test_equal_seeds_put_equal_events() -> None:
    one, same, other = Street(), Street(), Street()

    assert one.produce(packed=False) == same.produce(packed=False)
    other.produce(packed=False, seed="other")

    assert one.puts == same.puts != other.puts
