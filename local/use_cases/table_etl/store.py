"""The stack's table, buckets, queues and functions, as the demo uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from boto3.dynamodb.types import TypeDeserializer

from lambdas.common.tables.read_model import layout
from lambdas.common.tables.read_model.reader import ReadModelReader
from lambdas.table_etl.contract import QUARANTINE_PREFIX, STAGED_PREFIX, Quarantined
from local.use_cases.outcome import UseCaseError
from local.use_cases.table_etl.shop import Key
from local.use_cases.table_etl.tally import Totals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from local.cloud import Cloud

STACK = "TableEtl"
_MOST_COMPACTIONS = 10
_ALL = 10_000
"""Rows of a view; the demo's have fewer."""


class Stored(NamedTuple):
    """What the read model has of a source item."""

    version: str
    dataset: str
    fields: dict[str, Any]
    """In Python types; none of a deleted one."""
    view: str
    """Empty for a deleted one."""


@dataclass(frozen=True)
class Store:
    """Clients, and the names that the stack put out."""

    dynamodb: DynamoDBClient
    streams: Any
    """A client of DynamoDB Streams."""
    s3: S3Client
    sqs: SQSClient
    functions: LambdaClient
    source: str
    read_model: str
    lake: str
    backfill: str
    quarantine: str
    failures: str
    bus: str
    compact_function: str
    queues: dict[str, str]
    """By what a message in it means."""

    @classmethod
    def of(cls, cloud: Cloud) -> Store:
        """The deployed stack's."""
        outputs = cloud.outputs[STACK]
        return cls(
            dynamodb=cloud.client("dynamodb"),
            streams=cloud.client("dynamodbstreams"),
            s3=cloud.client("s3"),
            sqs=cloud.client("sqs"),
            functions=cloud.client("lambda"),
            source=outputs["SourceTableName"],
            read_model=outputs["ReadModelTableName"],
            lake=outputs["LakeBucketName"],
            backfill=outputs["BackfillBucketName"],
            quarantine=outputs["QuarantineBucketName"],
            failures=outputs["FailureBucketName"],
            bus=outputs["EventBusName"],
            compact_function=outputs["CompactFunctionName"],
            queues={
                "files that wait to be loaded": outputs["TasksQueueUrl"],
                "files that could not be loaded": outputs["TasksDeadLetterQueueUrl"],
                "files that could not be planned": outputs["PlanFailureQueueUrl"],
            },
        )

    @property
    def reader(self) -> ReadModelReader:
        """Of the read model."""
        return ReadModelReader(self.dynamodb, self.read_model)

    # --- the source -------------------------------------------------------------------------------------------------

    def stream(self) -> Iterator[tuple[Key, str]]:
        """Key and sequence number of every change in the source's stream, shard by shard."""
        described = self.dynamodb.describe_table(TableName=self.source)["Table"]
        arn = described["LatestStreamArn"]
        for shard in self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator: str | None = self.streams.get_shard_iterator(**place)["ShardIterator"]
            while iterator:
                answer = self.streams.get_records(ShardIterator=iterator, Limit=1000)
                for record in answer["Records"]:
                    keys: Any = record["dynamodb"]["Keys"]
                    yield (keys["pk"]["S"], keys["sk"]["S"]), record["dynamodb"]["SequenceNumber"]
                # An open shard has a next iterator for good.
                iterator = answer.get("NextShardIterator") if answer["Records"] else None

    # --- the targets ------------------------------------------------------------------------------------------------

    def loaded(self) -> set[Key]:
        """Source items that the read model knows of."""
        names = {"#partition": layout.PARTITION, "#version": layout.SOURCE_VERSION}
        found = self._scan(ProjectionExpression="#partition, #version", ExpressionAttributeNames=names)
        return {_source_key(item) for item in found if layout.SOURCE_VERSION in item}

    def stored(self) -> dict[Key, Stored]:
        """All that the read model has, by source item."""
        return {_source_key(item): _stored(item) for item in self._scan() if layout.SOURCE_VERSION in item}

    def views(self, names: set[str]) -> dict[str, list[dict[str, Any]]]:
        """The rows of views, as readers find them."""
        return {name: [dict(row.fields) for row in self.reader.newest(name, limit=_ALL)] for name in names}

    def totals(self) -> Totals:
        """All totals, as readers find them."""
        partitions = {item[layout.PARTITION]["S"] for item in self._scan() if layout.SOURCE_VERSION not in item}
        return {
            (partition, each.sort): dict(each.amounts)
            for partition in partitions
            for each in self.reader.totals(partition, "0", "9")
        }

    def staged(self) -> int:
        """Objects of the lake that wait to be compacted."""
        return len(list(self._keys(self.lake, STAGED_PREFIX)))

    def compact(self) -> int:
        """Compacts until nothing is staged; how often that took.

        Raises:
            UseCaseError: the function fails, or comes to no end.
        """
        for run in range(_MOST_COMPACTIONS):
            if not self.staged():
                return run
            answer = self.functions.invoke(FunctionName=self.compact_function, Payload=b"{}")
            said = json.loads(answer["Payload"].read())
            if "FunctionError" in answer:
                raise UseCaseError(f"the compaction failed: {said}")
        raise UseCaseError(f"after {_MOST_COMPACTIONS} compactions {self.staged()} objects are still staged")

    # --- what was rejected, or failed -------------------------------------------------------------------------------

    def quarantined(self) -> list[Quarantined]:
        """Every line of the quarantine, repeated ones included."""
        decoder = msgspec.json.Decoder(Quarantined)
        return [
            line
            for key in self._keys(self.quarantine, QUARANTINE_PREFIX)
            for line in decoder.decode_lines(self.s3.get_object(Bucket=self.quarantine, Key=key)["Body"].read())
        ]

    def waiting(self) -> dict[str, int]:
        """Messages by what they mean, those that are being worked on included, and objects in the failure bucket."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = {}
        for meaning, queue in self.queues.items():
            found = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
            counts[meaning] = sum(map(int, found.values()))
        return {**counts, "batches of changes that were given up": len(list(self._keys(self.failures, "")))}

    def _scan(self, **question: Any) -> Iterator[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.read_model, ConsistentRead=True, **question)
        for page in pages:
            yield from page["Items"]

    def _keys(self, bucket: str, prefix: str) -> Iterator[str]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                yield each["Key"]


_deserialize = TypeDeserializer().deserialize


def _source_key(item: dict[str, Any]) -> Key:
    partition, sort = json.loads(item[layout.PARTITION]["S"].removeprefix("source#"))
    return partition, sort


def _stored(item: dict[str, Any]) -> Stored:
    fields = {name: _deserialize(value) for name, value in item.items()}
    own = {name: value for name, value in fields.items() if name not in layout.RESERVED}
    return Stored(fields[layout.SOURCE_VERSION], fields[layout.DATASET], own, fields.get(layout.VIEW, ""))
