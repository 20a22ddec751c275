"""The Load function in an in-memory AWS: changes in, rows, staged objects, events and quarantine out."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError

from lambdas.common.failures import UnavailableError
from lambdas.common.tables.read_model.reader import ReadModelReader, Totals
from lambdas.table_etl import load
from lambdas.table_etl.contract import Metric, Quarantined, ReasonCode, Redrive
from tests.events import dynamodb as events
from tests.support.fake_aws import client_error
from tests.table_etl.conftest import Cloud
from tests.table_etl.sources import Table, image, order


class Context:
    aws_request_id = "request-1"


@pytest.fixture
def table() -> Table:
    """Two orders of one customer, the second written twice, and a bad one of another."""
    table = Table()
    table.put("c-1", 1, "placed", 3)
    table.put("c-1", 2, "placed", 1)
    table.put("c-1", 2, "shipped", 2)
    table.put("c-2", 1, "wrong total", 1)
    return table


def batch(table: Table) -> dict[str, Any]:
    """All that happened to the table, as one event."""
    return events.event(*(json.loads(record.text) for shard in table.shards.values() for record in shard.records))


def handle(event: dict[str, Any]) -> dict[str, Any]:
    return load.handler(event, Context())


def reader(cloud: Cloud) -> ReadModelReader:
    return ReadModelReader(cloud.dynamodb, "read-model")


def test_a_customer_s_orders_are_found_the_newest_first(cloud: Cloud, table: Table) -> None:
    assert handle(batch(table))["batchItemFailures"] == []
    rows = list(reader(cloud).newest("customer#c-1#orders"))
    assert [(row.fields["order_id"], row.fields["status"]) for row in rows] == [("o-2", "shipped"), ("o-1", "placed")]
    assert rows[0].fields["lines"] == [{"sku": "sku-2", "quantity": 2, "unit_price": 2}]
    assert [row.fields["order_id"] for row in reader(cloud).newest("customer#c-1#orders", limit=1)] == ["o-2"]


def test_totals_of_a_customer_are_found_by_day(cloud: Cloud, table: Table) -> None:
    handle(batch(table))
    first = Totals("2026-11-21#EUR", {"orders": Decimal(1), "revenue": Decimal(6)})
    second = Totals("2026-11-22#EUR", {"orders": Decimal(1), "revenue": Decimal(4)})
    assert list(reader(cloud).totals("customer#c-1#totals", "2026-11-20", "2026-11-22")) == [first, second]
    assert list(reader(cloud).totals("customer#c-1#totals", "2026-11-22", "2026-11-30")) == [second]


def test_totals_of_a_day_whose_orders_are_gone_are_not_told(cloud: Cloud) -> None:
    table = Table()
    table.put("c-1", 1, "placed", 3)
    table.delete("c-1", 1)
    handle(batch(table))
    table.put("c-1", 1, "placed", 3)
    handle(batch(table))
    table.delete("c-1", 1)
    handle(batch(table))
    assert list(reader(cloud).totals("customer#c-1#totals", "2026-01-01", "2026-12-31")) == []
    assert list(reader(cloud).newest("customer#c-1#orders")) == []


def test_the_same_batch_again_changes_nothing(cloud: Cloud, table: Table) -> None:
    handle(batch(table))
    items, objects = cloud.items(), cloud.objects("lake")
    handle(batch(table))
    assert (cloud.items(), cloud.objects("lake")) == (items, objects)


def test_rows_are_staged_by_dataset_and_day_of_arrival(cloud: Cloud, table: Table) -> None:
    handle(batch(table))
    [(key, body)] = cloud.objects("lake").items()
    assert key.startswith("staged/orders/day=2026-11-25/")
    staged = [json.loads(line) for line in gzip.decompress(body).splitlines()]
    assert [(each["day"], each["row"]["order_id"], each["row"]["total"]) for each in staged] == [
        ("2026-11-21", "o-1", "6"),
        ("2026-11-22", "o-2", "4"),
    ]


@pytest.mark.usefixtures("cloud")
def test_other_services_get_an_event_for_every_version(table: Table) -> None:
    outlet = load.runtime().loader.targets[-1]
    with patch.object(outlet.client, "put_events", wraps=outlet.client.put_events) as put_events:  # type: ignore[attr-defined]
        handle(batch(table))
    told = [entry for call in put_events.call_args_list for entry in call.kwargs["Entries"]]
    details = [json.loads(entry["Detail"]) for entry in told]
    assert [(each["dataset"], each["row"]["order_id"], each["row"]["status"]) for each in details] == [
        ("orders", "o-1", "placed"),
        ("orders", "o-2", "placed"),
        ("orders", "o-2", "shipped"),
    ]
    assert {(entry["Source"], entry["DetailType"]) for entry in told} == {("table-etl.orders", "row loaded")}


def test_what_is_bad_is_kept_with_its_record_and_the_rest_goes_on(cloud: Cloud, table: Table) -> None:
    answer = handle(batch(table))
    [(key, body)] = cloud.objects("quarantine").items()
    [line] = msgspec.json.Decoder(Quarantined).decode_lines(body)
    assert answer == {"batchItemFailures": [], "quarantined": key}
    assert key.startswith("rejected/date=2026-11-25/")
    assert (line.reason, line.message) == (ReasonCode.WRONG_SCHEMA, "the total is 3, but the lines add up to 2")
    assert json.loads(line.payload) == batch(table)["Records"][-1]


def test_redriven_lines_are_loaded_once_the_stack_takes_them(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    table.put("c-2", 2, "too big", 1)
    monkeypatch.setenv("LIMITS", '{"max_row_bytes": 2000}')
    answer = handle(batch(table))
    lines = msgspec.json.Decoder(Quarantined).decode_lines(cloud.objects("quarantine")[answer["quarantined"]])
    event = msgspec.to_builtins(Redrive(redrive=[line for line in lines if line.reason is ReasonCode.TOO_BIG]))
    assert handle(event)["quarantined"] is not None
    monkeypatch.setenv("LIMITS", '{"max_row_bytes": 20000}')
    load.runtime.cache_clear()
    assert handle(event) == {"quarantined": None}
    assert [row.fields["order_id"] for row in reader(cloud).newest("customer#c-2#orders")] == ["o-2"]


def test_when_aws_fails_the_event_source_is_asked_to_retry_from_the_first_change(cloud: Cloud, table: Table) -> None:
    cloud.dynamodb.delete_table(TableName="read-model")
    first = batch(table)["Records"][0]["dynamodb"]["SequenceNumber"]
    assert handle(batch(table))["batchItemFailures"] == [{"itemIdentifier": first}]


def test_when_aws_fails_a_redrive_fails(cloud: Cloud, table: Table) -> None:
    answer = handle(batch(table))
    lines = msgspec.json.Decoder(Quarantined).decode_lines(cloud.objects("quarantine")[answer["quarantined"]])
    boto3.resource("s3").Bucket("quarantine").objects.delete()
    cloud.s3.delete_bucket(Bucket="quarantine")
    with pytest.raises(UnavailableError, match="quarantine rows"):
        handle(msgspec.to_builtins(Redrive(redrive=lines)))


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": [{"kinesis": {}}]}, {"Records": None}])
@pytest.mark.usefixtures("cloud")
def test_what_is_no_event_of_a_table_s_stream_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no event of a DynamoDB stream"):
        handle(event)


@pytest.mark.usefixtures("cloud")
def test_metrics_tell_what_became_of_a_batch(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    handle(batch(table))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [metrics] = [line for line in lines if "_aws" in line]
    found = {name: metrics[name] for name in (Metric.CHANGES, Metric.LOADED, Metric.REJECTED, Metric.REJECTED_SHARE)}
    assert found == {"Changes": [4], "RowsLoaded": [3], "RowsRejected": [1], "RejectedShare": [25]}
    assert {Metric.LAG, Metric.BATCH_TIME, Metric.RETRIED} <= metrics.keys()


def test_binary_numbers_and_sets_arrive_in_the_read_model_as_they_were(cloud: Cloud) -> None:
    item = order("c-1", 1, "placed", 1)
    values: dict[str, Any] = {
        "binary": {"B": "AAEC"},
        "numbers": {"NS": ["1.5", "12345678901234567890123456789012345678"]},
        "nothing": {"NULL": True},
        "nested": {"L": [{"M": {"yes": {"BOOL": True}}}, {"BS": ["AQ==", "Ag=="]}]},
    }
    new = image(item) | {"attributes": {"M": values}}
    keys = {name: new[name] for name in ("pk", "sk")}
    handle(events.event(events.record(keys, sequence_number="1" * 21, new_image=new)))
    [stored] = [each["attributes"]["M"] for each in cloud.items() if "attributes" in each]
    assert stored["binary"] == {"B": b"\x00\x01\x02"}
    assert sorted(stored["numbers"]["NS"]) == sorted(values["numbers"]["NS"])
    assert stored["nothing"] == {"NULL": True}
    assert stored["nested"] == {"L": [{"M": {"yes": {"BOOL": True}}}, {"BS": [b"\x01", b"\x02"]}]}


@pytest.mark.usefixtures("cloud")
def test_a_conflict_that_does_not_end_is_left_to_a_retry(table: Table) -> None:
    error = client_error(
        "TransactWriteItems", "TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}]
    )
    target = load.runtime().loader.targets[1]
    with patch.object(target.client, "transact_write_items", side_effect=error) as write:  # type: ignore[attr-defined]
        assert handle(batch(table))["batchItemFailures"]
    assert write.call_count == 5


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("ValidationException", []),
        ("TransactionCanceledException", [{"Code": "None"}, {"Code": "ValidationError"}]),
        ("TransactionCanceledException", [{"Code": "ConditionalCheckFailed"}, {"Code": "ValidationError"}]),
    ],
)
@pytest.mark.usefixtures("cloud")
def test_what_dynamodb_will_never_take_fails_the_invocation_so_that_lambda_cuts_the_batch_in_two(
    table: Table, code: str, reasons: list[dict[str, str]]
) -> None:
    """A batch that is only to be retried from its first change stays whole, and so would the shard stand still."""
    error = client_error("TransactWriteItems", code, CancellationReasons=reasons)
    target = load.runtime().loader.targets[1]
    with (
        patch.object(target.client, "transact_write_items", side_effect=error),  # type: ignore[attr-defined]
        pytest.raises(ClientError, match=code),
    ):
        handle(batch(table))
