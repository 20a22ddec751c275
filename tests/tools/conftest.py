"""A deployed stack over fakes: the real handler, its stream, and what the tools see of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lambdas.common.calls import Patience
from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.stream_analytics import analyze
from lambdas.stream_analytics.adapters.ledger import DynamoLedger, Tables
from lambdas.stream_analytics.adapters.objects import S3Archive, S3Quarantine
from lambdas.stream_analytics.contract import Limits
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.recipe import Recipe
from lambdas.stream_analytics.workflow.handling import Workflow
from tests.stream_analytics.conftest import SETTINGS
from tests.stream_analytics.world import DEAL, LIMITS, TICK, World
from tests.support.event_source import Clock, EventSource, KinesisShard, Script
from tests.support.event_source import Mapping as Source
from tests.support.fake_aws import FakeDynamoDB, Fault, Item, Outside
from tests.support.silent import Silent
from tools.stack import Stack

START = 1_795_262_400.0
SHARDS = ("shardId-000000000000", "shardId-000000000001")
RECIPES: tuple[Recipe[Any], ...] = (TICK, DEAL)


@pytest.fixture(scope="module", autouse=True)
def _nobody_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", lambda _: None)
        yield


class Table(FakeDynamoDB):
    """Knows the condition that attributes are equal to what was read, too."""

    def _holds(self, table: str, item: Item, write: Mapping[str, Any]) -> bool:
        condition = write.get("ConditionExpression")
        if condition is None or not re.fullmatch(r"#n\d+ = :v\d+( AND #n\d+ = :v\d+)*", condition):
            return super()._holds(table, item, write)
        present = self.tables[table].get(self._key(table, item), {})
        names, values = write["ExpressionAttributeNames"], write["ExpressionAttributeValues"]
        pairs = re.findall(r"(#n\d+) = (:v\d+)", condition)
        return all(present.get(names[name]) == values[value] for name, value in pairs)


@dataclass
class Stream:
    """Two shards; `put_records` is boto3's."""

    outside: Outside
    clock: Clock = field(default_factory=lambda: Clock(START))

    def __post_init__(self) -> None:
        self.shards = {name: KinesisShard(self.clock, shard_id=name) for name in SHARDS}
        self.sizes: list[int] = []

    def put_records(self, *, Records: Sequence[Any], StreamName: str) -> Any:  # noqa: N803  boto3's names
        assert StreamName == "events"

        def effect(_: bool) -> Any:  # noqa: FBT001
            for each in Records:
                shard = SHARDS[len(self.sizes) % len(SHARDS)]
                self.shards[shard].put(each["Data"])
                self.sizes.append(len(each["Data"]))
            return {"FailedRecordCount": 0, "Records": [{} for _ in Records]}

        return self.outside.call("PutRecords", effect)


class Yard(World):
    """A stack that is deployed anew with other recipes and limits."""

    def __init__(self, recipes: Sequence[Recipe[Any]] = RECIPES, limits: Limits = LIMITS) -> None:
        self.recipes, self.limits = recipes, limits
        super().__init__()
        self.dynamodb: Any = Table(self.outside, self.dynamodb.keys)
        self.stream = Stream(self.outside)
        self.sources: list[EventSource] = []
        self.busy: set[int] = set()
        self.deploy(recipes, limits)

    def deploy(self, recipes: Sequence[Recipe[Any]] = RECIPES, limits: Limits = LIMITS) -> None:
        """From now on the function has these."""
        self.recipes, self.limits = recipes, limits
        patience = Patience(lambda _: None)
        workflow = Workflow(
            analyzer=Analyzer(recipes, limits, b"key"),
            limits=limits,
            ledger=DynamoLedger(self.dynamodb, Tables("progress", "metrics", "orders"), 30, 100, patience),
            archive=S3Archive(self.s3, "archive"),
            quarantine=S3Quarantine(self.s3, "quarantine"),
            index=None,
        )
        self.runtime = analyze.Runtime(Silent(), workflow)  # type: ignore[arg-type]

    def connect(self, mapping: Source, scripts: Sequence[Script] = ()) -> None:
        """Event sources from the beginnings of the shards."""
        timing = [*scripts, *[None] * len(SHARDS)]
        self.sources = [
            EventSource(shard, mapping, self.invoke, script)
            for shard, script in zip(self.stream.shards.values(), timing, strict=False)
        ]

    def step(self, number: int) -> bool:
        """One invocation of one shard, unless one is under way; what is discarded is in the failure bucket then."""
        if number in self.busy:
            return False
        self.busy.add(number)
        try:
            going = self.sources[number].step()
        finally:
            self.busy.discard(number)
        for at, source in enumerate(self.sources):
            for key, body in source.discarded.items():
                self.s3.buckets["failures"][f"{key}{at}"] = body
            assert not [error for error in source.errors if isinstance(error, Exception)]
        return going

    def drain(self) -> None:
        """Runs the event sources to their ends."""
        while any([self.step(0), self.step(1)]):
            pass

    def calm(self) -> None:
        """No more faults."""
        self.outside.decide = lambda _: Fault.NONE

    @property
    def stack(self) -> Stack:
        """As the tools see it."""
        return Stack(
            events_stream="events",
            failure_bucket="failures",
            settings=replace(SETTINGS, recipes=(), limits=self.limits, metrics_days=30, index=False),
            recipes=self.recipes,
            dynamodb=self.dynamodb,
            s3=self.s3,
            kinesis=self.stream,
        )

    def measured(self) -> dict[tuple[str, str], Aggregate]:
        """The recipes' metrics, over all shards."""
        return {key: value for key, value in self.merged().items() if not key[0].startswith("stream.")}
