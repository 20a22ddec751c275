"""The function as Lambda calls it: Kinesis events in, real adapters on an in-memory AWS, counters and objects out."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from lambdas.common.settings import MissingSettingsError
from lambdas.common.tables.metrics.aggregates import Count
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.stream_analytics import analyze
from lambdas.stream_analytics.adapters.index import IndexQueries
from lambdas.stream_analytics.contract import Metric
from tests.events import kinesis
from tests.stream_analytics.conftest import SETTINGS, Cloud

ARRIVED = 1_795_262_460.0
MINUTE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOW = "2026-11-21T12:00:30.000Z"


@dataclass(frozen=True)
class Context:
    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


def click(**changes: Any) -> bytes:
    """A page view."""
    event = {
        "type": "clickstream",
        "time": NOW,
        "visitor": "Ada@Example.com",
        "session": "s-1",
        "action": "view",
        "url": "https://Shop.example.com/a?utm_source=mail",
        "referrer": None,
    }
    return json.dumps(event | changes).encode()


def order(order_id: str = "o-1", total: str = "20.00") -> bytes:
    """Two of one thing."""
    lines = [{"sku": "s", "quantity": 2, "unit_price": "10.00"}]
    event = {"type": "orders", "time": NOW, "order_id": order_id, "customer": "ada@example.com", "currency": "EUR"}
    return json.dumps(event | {"lines": lines, "total": total}).encode()


def batch(*payloads: bytes, first: int = 1, shard_id: str = kinesis.SHARD_ID) -> dict[str, Any]:
    """An event of one shard; sequence numbers are counted from ``first``."""
    return kinesis.event(
        *(
            kinesis.record(data, sequence_number=str(number), arrival=ARRIVED, shard_id=shard_id)
            for number, data in enumerate(payloads, first)
        )
    )


def handle(event: dict[str, Any]) -> dict[str, Any]:
    return analyze.handler(event, Context())


def reader(cloud: Cloud) -> MetricsReader:
    return MetricsReader(cloud.dynamodb, "metrics")


def total(cloud: Cloud, metric: str, dimension: str = "") -> Any:
    return reader(cloud).total(metric, start=MINUTE, end=MINUTE + timedelta(minutes=5), dimension=dimension)


def test_a_batch_is_counted_archived_and_reported_as_done(cloud: Cloud) -> None:
    assert handle(batch(click(), click(action="click"), click(visitor="Bob"))) == {"batchItemFailures": []}
    assert total(cloud, "clickstream.views") == Count(2)
    assert total(cloud, "clickstream.clicks") == Count(1)
    assert round(total(cloud, "clickstream.unique_visitors").estimate) == 2
    [(key, body)] = cloud.objects("archive").items()
    assert key.startswith("events/type=clickstream/date=2026-11-21/hour=12/shardId-000000000000-")
    lines = [json.loads(line) for line in gzip.decompress(body).splitlines()]
    assert [line["index"] for line in lines] == [0, 0, 0]
    assert [int(line["sequence_number"]) for line in lines] == [1, 2, 3]
    assert {line["event"]["url"] for line in lines} == {"https://shop.example.com/a"}


def test_names_of_persons_leave_no_trace(cloud: Cloud) -> None:
    handle(batch(click(), order()))
    stored = b"".join(gzip.decompress(body) for body in cloud.objects("archive").values())
    stored += str([cloud.items(table) for table in ("metrics", "orders", "index", "progress")]).encode()
    assert b"ada" not in stored.lower()


def test_a_delivery_that_comes_again_counts_nothing_twice(cloud: Cloud) -> None:
    handle(batch(click(), click()))
    handle(batch(click(), click(), click()))
    assert total(cloud, "clickstream.views") == Count(3)
    handle(batch(click(), click(), click()))
    assert total(cloud, "clickstream.views") == Count(3)


def test_shards_are_counted_apart_and_read_together(cloud: Cloud) -> None:
    handle(batch(click()))
    handle(batch(click(), shard_id="shardId-000000000007"))
    assert len([item for item in cloud.items("metrics") if item["metric"]["S"] == "clickstream.views"]) == 2
    assert total(cloud, "clickstream.views") == Count(2)


def test_an_order_is_stored_once_and_its_revenue_is_exact(cloud: Cloud) -> None:
    handle(batch(order(), order("o-2"), order()))
    handle(batch(order("o-2"), first=9, shard_id="shardId-000000000007"))
    assert sorted(item["order_id"]["S"] for item in cloud.items("orders")) == ["o-1", "o-2"]
    assert total(cloud, "orders.revenue", "EUR").total == Decimal("40.00")
    assert total(cloud, "stream.repeated", "orders") == Count(2)


def test_what_is_bad_is_quarantined_with_payload_and_reason_and_the_shard_goes_on(cloud: Cloud) -> None:
    bad = {b"{": "bad_json", b'{"type":"x"}': "unknown_type", order(total="21.00"): "wrong_schema"}
    assert handle(batch(click(), *bad, click())) == {"batchItemFailures": []}
    assert total(cloud, "clickstream.views") == Count(2)
    [body] = cloud.objects("quarantine").values()
    kept = [json.loads(line) for line in body.splitlines()]
    assert {base64.b64decode(each["payload"]): each["reason"] for each in kept} == bad
    assert "20.00" in kept[2]["message"]
    for reason in bad.values():
        assert total(cloud, "stream.rejected", reason) == Count(1)


def test_more_items_than_a_transaction_takes_go_into_several(cloud: Cloud) -> None:
    event = {"type": "telemetry", "time": NOW, "account": "a", "unit": "kWh", "value": "1.5", "usage": "0.25"}
    readings = [json.dumps(event | {"device": f"d{number}"}).encode() for number in range(500)]
    assert handle(batch(*readings)) == {"batchItemFailures": []}
    for number in (0, 250, 499):
        assert total(cloud, "telemetry.reading", f"d{number}").count == 1
    day = MINUTE.replace(hour=0)
    usage: Any = reader(cloud).total("telemetry.usage", start=day, end=day + timedelta(days=1), dimension="a")
    assert usage.total == Decimal(125)


def test_a_packed_record_is_taken_apart_and_a_bad_line_leaves_its_siblings_alone(cloud: Cloud) -> None:
    handle(batch(gzip.compress(b"\n".join([click(), b"{", click()])), b"\n".join([click(), click()]) + b"\n"))
    assert total(cloud, "clickstream.views") == Count(4)
    assert len(cloud.objects("quarantine")) == 1


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": [{"eventSource": "aws:s3"}]}])
def test_an_event_of_another_source_is_an_error(cloud: Cloud, event: dict[str, Any]) -> None:  # noqa: ARG001
    with pytest.raises(ValueError, match="Kinesis event source mapping"):
        handle(event)


def test_missing_settings_are_listed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.delenv("METRICS_TABLE_NAME")
    monkeypatch.delenv("RECIPES")
    with pytest.raises(MissingSettingsError, match=r"RECIPES is not set; METRICS_TABLE_NAME is not set"):
        handle(batch(click()))


def test_the_index_answers_with_an_entity_s_events_the_newest_first(cloud: Cloud) -> None:
    times = ["2026-11-21T12:00:10.5Z", "2026-11-21T12:00:30Z", "2026-11-21T12:00:10Z"]
    handle(batch(*(click(time=time) for time in times), click(visitor="Bob")))
    pseudonyms = {item["entity"]["S"].partition("#")[2] for item in cloud.items("index")}
    found = [list(IndexQueries(cloud.dynamodb, "index").newest("visitor", name)) for name in sorted(pseudonyms)]
    told = [json.loads(event)["time"] for event in max(found, key=len)]
    assert told == ["2026-11-21T12:00:30Z", "2026-11-21T12:00:10.500000Z", "2026-11-21T12:00:10Z"]


def test_the_index_forgets_its_events(cloud: Cloud) -> None:
    handle(batch(order(), order("o-2")))
    items = [item for item in cloud.items("index") if item["entity"]["S"].startswith("order#")]
    assert sorted(item["entity"]["S"] for item in items) == ["order#o-1", "order#o-2"]
    assert json.loads(items[0]["event"]["S"])["currency"] == "EUR"
    expiry = int(items[0]["expires_at"]["N"])
    assert expiry == int(MINUTE.timestamp()) + 30 + SETTINGS.index_days * 24 * 60 * 60


def test_an_unindexed_function_writes_no_index(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDEX", "false")
    handle(batch(order()))
    assert cloud.items("index") == []
    assert len(cloud.items("orders")) == 1


# --- logs and metrics -----------------------------------------------------------------------------------------------


@pytest.fixture
def lines(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ARG001
    """What the function prints, line by line; a service of its own gives it a logger that writes here."""
    monkeypatch.setenv("SERVICE", f"Service{Random().randrange(10**9)}")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_metrics_tell_what_became_of_a_batch(lines: Any) -> None:
    handle(batch(click(), order(), order(), b"{"))
    [metrics] = [line for line in lines() if "_aws" in line]
    expected = {Metric.RECORDS: 4, Metric.EVENTS: 2, Metric.REJECTED: 1, Metric.REPEATED: 1, Metric.RETRIED: 0}
    assert {name: metrics[name] for name in expected} == {name: [value] for name, value in expected.items()}
    assert metrics[Metric.REJECTED_SHARE] == [25.0]
    assert metrics[Metric.LAG][0] >= 0
    assert metrics[Metric.BATCH_TIME][0] > 0


def test_a_failing_call_is_told_and_the_rest_is_left_to_a_retry(cloud: Cloud, lines: Any) -> None:
    cloud.s3.delete_bucket(Bucket="archive")
    assert handle(batch(click(), click(), first=7)) == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    printed = lines()
    [warning] = [line for line in printed if line.get("level") == "WARNING"]
    assert (warning["from"], warning["shard_id"]) == ("7", kinesis.SHARD_ID)
    assert "NoSuchBucket" in warning["reason"]
    assert [line[Metric.RETRIED] for line in printed if "_aws" in line] == [[1]]
