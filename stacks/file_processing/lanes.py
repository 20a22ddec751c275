"""Lanes: for each a queue and a function that processes the files of some kinds, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.file_processing.contract import (
    Lane,
    LaneSettings,
    MeasureSettings,
    TranscodeSettings,
    UnpackSettings,
)
from lambdas.file_processing.contract.limits import Limits
from stacks.blocks.function import FunctionConfig, GrantTo, HandlerFunction, allow
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import longest_wait_seconds, work_queue
from stacks.blocks.queue_source import QueueSource, QueueSourceConfig
from stacks.file_processing import rights
from stacks.file_processing.config import FileProcessingConfig
from stacks.file_processing.media_convert import JobRole
from stacks.file_processing.stores import Stores
from stacks.file_processing.told import Told


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around the lanes."""

    stores: Stores
    told: Told
    arrivals: sqs.Queue
    index: sqs.Queue
    failures: sqs.Queue
    jobs: JobRole | None


class LaneFunction(Construct):
    """One lane. Attributes are L2 constructs: ``queue``, ``function``."""

    def __init__(
        self, scope: Construct, lane: Lane, config: FileProcessingConfig, shared: SharedPolicy, around: Around
    ) -> None:
        super().__init__(scope, lane.value.title())
        function: FunctionConfig = getattr(config, f"{lane}_function")
        timeout = function.timeout_seconds
        self.queue = work_queue(self, "Queue", timeout_seconds=timeout, dead_letters=around.failures)
        self.function: lambda_.Function = HandlerFunction(
            self,
            "Handler",
            module=f"lambdas.file_processing.{lane}",
            description=_DESCRIPTIONS[lane],
            settings=_settings(lane, config, around, self.queue.queue_url, longest_wait_seconds(timeout)),
            grants=[*_rights_of_all(around), *_rights_of(lane, around)],
            config=function,
            shared=shared,
        ).function
        source = QueueSourceConfig(batch_size=1, max_concurrency=config.concurrency)
        QueueSource(self, "Source", function=self.function, queue=self.queue, config=source)


class _Facts(TypedDict):
    """What all lanes are told."""

    service: str
    metrics_namespace: str
    queue_url: str
    longest_wait_seconds: int
    products_bucket_name: str
    quarantine_bucket_name: str
    catalog_table_name: str
    index_queue_url: str
    limits: Limits
    keep_days: int


def lane_functions(
    scope: Construct, config: FileProcessingConfig, shared: SharedPolicy, around: Around
) -> dict[Lane, LaneFunction]:
    """All of them, by what they are called in the contract."""
    return {lane: LaneFunction(scope, lane, config, shared, around) for lane in Lane}


_DESCRIPTIONS = {
    Lane.UNPACK: "Makes files of the members of archives",
    Lane.TRANSCODE: "Makes renditions, a poster and a preview strip of video and audio",
    Lane.EXTRACT: "Takes the text out of documents",
    Lane.VALIDATE: "Parts good rows of tables from bad ones",
    Lane.MEASURE: "Makes metrics of access logs",
}


def _settings(
    lane: Lane, config: FileProcessingConfig, around: Around, queue_url: str, longest_wait: int
) -> LaneSettings:
    stores = around.stores
    facts = _Facts(
        queue_url=queue_url,
        longest_wait_seconds=longest_wait,
        products_bucket_name=stores.products.bucket_name,
        quarantine_bucket_name=stores.quarantine.bucket_name,
        catalog_table_name=stores.catalog.table_name,
        index_queue_url=around.index.queue_url,
        limits=config.limits,
        keep_days=config.keep_days,
        **around.told,
    )
    match lane:
        case Lane.UNPACK:
            return UnpackSettings(arrivals_queue_url=around.arrivals.queue_url, **facts)
        case Lane.TRANSCODE:
            return TranscodeSettings(
                media_convert_role_arn=around.jobs.role.role_arn if around.jobs else "",
                media_convert_queue_arn=config.media_convert_queue_arn or "",
                **facts,
            )
        case Lane.MEASURE:
            return MeasureSettings(
                metrics_table_name=stores.metrics.table_name, metrics_days=config.metrics_days, **facts
            )
        case _:
            return LaneSettings(**facts)


def _rights_of_all(around: Around) -> list[GrantTo]:
    stores = around.stores
    return [
        *rights.reading_originals(stores),
        rights.making_products(stores),
        rights.quarantining(stores),
        rights.keeping_the_catalog(stores, "GetItem", "UpdateItem"),
        rights.sending(around.index),
    ]


def _rights_of(lane: Lane, around: Around) -> list[GrantTo]:
    stores = around.stores
    match lane:
        case Lane.UNPACK:
            members = rights.keeping_the_catalog(stores, "BatchWriteItem", "Query")
            return [members, rights.sending(around.arrivals)]
        case Lane.TRANSCODE:
            return around.jobs.starting if around.jobs else []
        case Lane.MEASURE:
            return [allow("dynamodb:BatchWriteItem", on=[stores.metrics.table_arn])]
        case _:
            return []
