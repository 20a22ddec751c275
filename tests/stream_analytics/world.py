"""The real handler over fakes of AWS, with two small recipes whose every event can be told apart in the counters."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import msgspec

from lambdas.common.calls import Patience
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate, from_attributes
from lambdas.stream_analytics import analyze, contract
from lambdas.stream_analytics.adapters.index import DynamoIndex
from lambdas.stream_analytics.adapters.ledger import DynamoLedger, Tables
from lambdas.stream_analytics.adapters.objects import S3Archive, S3Quarantine
from lambdas.stream_analytics.contract import ArchivedEvent, Limits, Position, QuarantinedEvent
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.cleansing import PERSONAL, TRIM
from lambdas.stream_analytics.domain.events import Event, Name
from lambdas.stream_analytics.domain.recipe import DAY, Recipe, count, distinct, total
from lambdas.stream_analytics.workflow.handling import Workflow
from tests.support.fake_aws import FakeDynamoDB, FakeS3, Outside
from tests.support.silent import Silent

LIMITS = Limits(max_event_bytes=2_000, max_decompressed_bytes=20_000)


class Tick(Event, tag="tick"):
    """Counted once each; ``id`` has a counter of its own."""

    id: Name
    person: Name
    amount: Decimal


class Deal(Event, tag="deal"):
    """Stored once per ``deal_id``."""

    deal_id: Name
    amount: Decimal


TICK = Recipe(
    event=Tick,
    cleanse={"id": TRIM, "person": PERSONAL},
    measures=(
        count("seen", by=lambda tick: tick.id),
        total("amount", lambda tick: tick.amount, period=DAY),
        distinct("people", lambda tick: tick.person),
    ),
    entities={"id": lambda tick: (tick.id,)},
)
DEAL = Recipe(
    event=Deal,
    measures=(count("deals"), total("revenue", lambda deal: deal.amount)),
    once=lambda deal: deal.deal_id,
)


@dataclass
class World:
    """One stack's tables and buckets, and its function."""

    outside: Outside = field(default_factory=Outside)

    def __post_init__(self) -> None:
        keys = {
            "progress": (contract.SHARD_ID, contract.ENTRY),
            "metrics": (layout.METRIC, layout.PERIOD_AND_SHARD),
            "orders": (contract.ORDER_ID,),
            "index": (contract.ENTITY, contract.TIME_AND_ORIGIN),
        }
        self.dynamodb: Any = FakeDynamoDB(self.outside, keys)
        self.s3: Any = FakeS3(self.outside)
        self.runtime = analyze.Runtime(Silent(), self.workflow())  # type: ignore[arg-type]

    def workflow(self, *, limits: Limits = LIMITS) -> Workflow:
        """As ``analyze.runtime`` wires it."""
        patience = Patience(lambda _: None)
        return Workflow(
            analyzer=Analyzer([TICK, DEAL], limits, b"key", indexed=True),
            limits=limits,
            ledger=DynamoLedger(self.dynamodb, Tables("progress", "metrics", "orders"), 30, 100, patience),
            archive=S3Archive(self.s3, "archive"),
            quarantine=S3Quarantine(self.s3, "quarantine"),
            index=DynamoIndex(self.dynamodb, "index", 30, patience),
        )

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """One invocation of the real handler."""
        with patch.object(analyze, "runtime", lambda: self.runtime):
            return analyze.handler(event, None)  # type: ignore[arg-type]

    def merged(self) -> dict[tuple[str, str], Aggregate]:
        """Every metric over all shards, by its key and its period."""
        found: dict[tuple[str, str], Aggregate] = {}
        for item in self.dynamodb.items("metrics"):
            key = item[layout.METRIC]["S"], item[layout.PERIOD_AND_SHARD]["S"].partition("#")[0]
            value = from_attributes(item)
            found[key] = found[key].merge(value) if key in found else value
        return found

    def counted(self, metric: str) -> int:
        """A counter, or an event of its own, over all periods."""
        return sum(value.count for (key, _), value in self.merged().items() if key == metric)  # type: ignore[attr-defined]

    def summed(self, metric: str) -> Decimal:
        """A sum over all periods."""
        return sum((value.total for (key, _), value in self.merged().items() if key == metric), Decimal(0))  # type: ignore[attr-defined]

    def archived(self) -> dict[str, set[bytes]]:
        """The events that the archive holds, by origin."""
        found: dict[str, set[bytes]] = defaultdict(set)
        for body in self.s3.buckets["archive"].values():
            for line in gzip.decompress(body).splitlines():
                event = msgspec.json.decode(line, type=ArchivedEvent)
                found[str(event)].add(bytes(event.event))
        return found

    def quarantined(self) -> dict[str, list[QuarantinedEvent]]:
        """What quarantine holds, by origin."""
        found: dict[str, list[QuarantinedEvent]] = defaultdict(list)
        for body in self.s3.buckets["quarantine"].values():
            for line in body.splitlines():
                event = msgspec.json.decode(line, type=QuarantinedEvent)
                found[str(event)].append(event)
        return found

    def status(self, shard_id: str, position: Position) -> str:
        """``counted``, ``rejected`` or ``open``, as the progress table tells it."""
        for item in self.dynamodb.items("progress"):
            entry = item[contract.ENTRY]["S"]
            if item[contract.SHARD_ID]["S"] == shard_id and entry.startswith(contract.COVERED):
                first, last = Position.parse(item["first"]["S"]), Position.parse(entry[len(contract.COVERED) :])
                if first <= position <= last:
                    rejected = [each["S"] for each in item.get("rejected", {"L": []})["L"]]
                    return "rejected" if str(position) in rejected else "counted"
        return "open"


def tick(name: str, time: str, amount: str = "1.5") -> bytes:
    """A tick as a producer writes it."""
    event = {"type": "tick", "time": time, "id": name, "person": f"P{name}@Example.com", "amount": amount}
    return json.dumps(event, separators=(",", ":")).encode()


def deal(name: str, time: str, amount: str) -> bytes:
    """A deal as a producer writes it."""
    event = {"type": "deal", "time": time, "deal_id": name, "amount": amount}
    return json.dumps(event, separators=(",", ":")).encode()


def payloads(discarded: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Sequence number and data (base64) of every record in a failure bucket."""
    for body in discarded.values():
        for record in json.loads(json.loads(body)["payload"])["Records"]:
            yield record["kinesis"]["sequenceNumber"], record["kinesis"]["data"]
