"""Wires the loader that the Load and the Backfill function share, out of their settings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from lambdas.common.calls import Patience
from lambdas.common.encoding import encode_writes
from lambdas.common.side_by_side import side_by_side
from lambdas.table_etl import pipelines
from lambdas.table_etl.adapters.lake import S3Lake
from lambdas.table_etl.adapters.outlet import EventBridgeOutlet
from lambdas.table_etl.adapters.quarantine import S3Quarantine
from lambdas.table_etl.adapters.read_model import DynamoReadModel
from lambdas.table_etl.contract import LoadSettings, event_source
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.ports import Target
from lambdas.table_etl.workflow.loading import Loader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

QUICK = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 4},
    # Checking what this code has just built costs more than building it.
    parameter_validation=False,
)
"""A shard waits while a call does: what takes longer is better left to the event source's retry."""


def loader(settings: LoadSettings) -> Loader:
    """The loader of a function."""
    s3 = boto3.client("s3", config=QUICK)
    return Loader(
        Transformer(pipelines.named(settings.pipeline), settings.limits),
        list(_targets(settings, s3)),
        S3Quarantine(s3, settings.quarantine_bucket_name),
    )


def _targets(settings: LoadSettings, s3: S3Client) -> Iterator[Target]:
    """What may be written twice without notice comes first; events are told last, of what can be read then."""
    targets, patience = settings.targets, Patience(time.sleep)
    if targets.lake_bucket_name:
        yield S3Lake(s3, targets.lake_bucket_name)
    if targets.read_model_table_name:
        dynamodb = encode_writes(boto3.client("dynamodb", config=QUICK))
        yield DynamoReadModel(dynamodb, targets.read_model_table_name, patience, side_by_side)
    if targets.event_bus_name:
        events = boto3.client("events", config=QUICK)
        yield EventBridgeOutlet(events, targets.event_bus_name, event_source(settings.pipeline), patience, side_by_side)
