"""The real Load handler over fakes of AWS, with the sample pipeline, and readers of what it leaves in the targets."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from unittest.mock import patch

import msgspec

from lambdas.common.calls import Patience
from lambdas.common.side_by_side import Together
from lambdas.common.tables.read_model import layout
from lambdas.table_etl import load
from lambdas.table_etl.adapters.lake import S3Lake
from lambdas.table_etl.adapters.outlet import EventBridgeOutlet
from lambdas.table_etl.adapters.quarantine import S3Quarantine
from lambdas.table_etl.adapters.read_model import DynamoReadModel
from lambdas.table_etl.contract import STAGED_PREFIX, Limits, Quarantined, RowEvent, StagedRow
from lambdas.table_etl.domain.attributes import unmarshal
from lambdas.table_etl.domain.changes import Change
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from lambdas.table_etl.workflow.loading import Loader
from tests.support.fake_aws import FakeDynamoDB, FakeEvents, FakeS3, Outside
from tests.support.silent import Silent

T = TypeVar("T")
U = TypeVar("U")

LIMITS = Limits(max_row_bytes=2_000)
DAY = datetime(2026, 11, 25, tzinfo=UTC).date()

Versions = dict[str, tuple[str, Any]]
"""By source key, the version that a target shows, and the row's JSON (parsed); None for a deletion."""
Totals = dict[tuple[str, str], dict[str, Decimal]]
"""By partition and sort key, sums that are not zero."""


def last_first(call: Callable[[T], U], items: Sequence[T]) -> list[U]:
    """As calls in threads may go: not in their order, and further ones are made after one has failed."""
    results: list[U] = []
    errors: list[BaseException] = []
    for item in reversed(items):
        try:
            results.append(call(item))
        except BaseException as error:  # noqa: BLE001  a kill, too
            errors.append(error)
    if errors:
        raise errors[0]
    return results[::-1]


def one_by_one(call: Callable[[T], U], items: Sequence[T]) -> list[U]:
    """As calls go that end with the first that fails, such as those of a function that is killed."""
    return [call(item) for item in items]


@dataclass
class World:
    """One stack's targets, and its function."""

    outside: Outside = field(default_factory=Outside)
    together: Together = last_first

    def __post_init__(self) -> None:
        dynamodb: Any = FakeDynamoDB(self.outside, {"read-model": (layout.PARTITION, layout.SORT)})
        s3: Any = FakeS3(self.outside)
        events: Any = FakeEvents(self.outside)
        self.dynamodb, self.s3, self.events = dynamodb, s3, events
        patience = Patience(lambda _: None)
        self.loader = Loader(
            Transformer(PIPELINE, LIMITS),
            [
                S3Lake(s3, "lake"),
                DynamoReadModel(dynamodb, "read-model", patience, self.together),
                EventBridgeOutlet(events, "bus", "test", patience, self.together),
            ],
            S3Quarantine(s3, "quarantine"),
        )

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """One invocation of the real handler."""
        runtime = load.Runtime(Silent(), self.loader)  # type: ignore[arg-type]
        with patch.object(load, "runtime", lambda: runtime):
            return load.handler(event, None)  # type: ignore[arg-type]

    def backfill(self, changes: list[Change]) -> None:
        """Loads historical rows."""
        self.loader.load(changes, DAY)

    # --- what the targets hold --------------------------------------------------------------------------------------

    def rows_of_the_read_model(self) -> Versions:
        """Rows as JSON cannot be told from the table: their attributes, without what the layout adds."""
        return {
            item[layout.PARTITION]["S"].removeprefix("source#"): (item[layout.SOURCE_VERSION]["S"], _row(item))
            for item in self.dynamodb.items("read-model")
            if layout.SOURCE_VERSION in item
        }

    def totals(self) -> Totals:
        """As the totals say."""
        found = {}
        for item in self.dynamodb.items("read-model"):
            if layout.SOURCE_VERSION not in item:
                values = unmarshal(item)
                key = values.pop(layout.PARTITION), values.pop(layout.SORT)
                if sums := {name: Decimal(amount) for name, amount in values.items() if amount}:
                    found[key] = sums
        return found

    def summed(self) -> Totals:
        """As the rows add up."""
        found: Totals = defaultdict(lambda: defaultdict(Decimal))
        for item in self.dynamodb.items("read-model"):
            for each in unmarshal(item).get(layout.TOTALS, []):
                for name, amount in each[layout.AMOUNTS].items():
                    found[each[layout.PARTITION], each[layout.SORT]][name] += amount
        nonzero = {key: {name: amount for name, amount in sums.items() if amount} for key, sums in found.items()}
        return {key: sums for key, sums in nonzero.items() if sums}

    def rows_of_the_lake(self) -> Versions:
        """What compaction makes of all that is staged: of each row the greatest version."""
        found: Versions = {}
        for key, body in self.s3.buckets["lake"].items():
            assert key.startswith(STAGED_PREFIX)
            for line in gzip.decompress(body).splitlines():
                staged = msgspec.json.decode(line, type=StagedRow)
                _keep_greatest(found, staged.key, staged.version, json.loads(bytes(staged.row)))
        return found

    def rows_of_a_consumer(self) -> Versions:
        """What a service keeps that takes of each row the event with the greatest version."""
        found: Versions = {}
        for entry in self.events.events:
            event = msgspec.json.decode(entry["Detail"], type=RowEvent)
            _keep_greatest(found, event.key, event.version, json.loads(bytes(event.row)))
        return found

    def quarantined(self) -> list[Quarantined]:
        """Every line of every object."""
        return [
            line
            for body in self.s3.buckets["quarantine"].values()
            for line in msgspec.json.Decoder(Quarantined).decode_lines(body)
        ]


def _row(item: dict[str, Any]) -> Any:
    values = {name: value for name, value in unmarshal(item).items() if name not in layout.RESERVED}
    return values or None


def _keep_greatest(found: Versions, key: str, version: str, row: Any) -> None:
    present = found.get(key)
    if present and present[0] == version:
        assert present[1] == row, f"{key} has two rows of version {version}"
    if not present or present[0] < version:
        found[key] = version, row
