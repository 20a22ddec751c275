"""Telemetry: from the devices' topics to their latest states, alerts, and stream analytics."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.iot_backend.contract import TelemetrySettings
from lambdas.iot_backend.contract.messages import (
    ALL_TELEMETRY,
    ENVELOPE_SQL,
    FOREIGN_PREFIX,
    QUARANTINE_PREFIX,
    UNDELIVERED_PREFIX,
)
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import failure_queue
from stacks.blocks.topic import encrypted_topic
from stacks.blocks.topic_rule import BucketRule, FunctionRule
from stacks.iot_backend.config import IotBackendConfig
from stacks.iot_backend.told import Told

_ANY_REJECTED = "keys are made of days and digests: any key of this one prefix"


class Telemetry(Construct):
    """Takes what devices tell of themselves; what they tell in the name of another is kept, and goes no further.

    Attributes are constructs, L1 where there is no L2: ``alerts``, ``failures``, ``function``, ``rule``, ``foreign``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: IotBackendConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        devices: dynamodb.ITable,
        quarantine: s3.IBucket,
        analytics: kinesis.IStream | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alerts = encrypted_topic(self, "Alerts")
        self.failures = failure_queue(self, "Failures")
        self.function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.iot_backend.telemetry",
            description="Keeps the latest state of devices, and tells of readings that cross a threshold",
            settings=TelemetrySettings(
                device_table_name=devices.table_name,
                quarantine_bucket_name=quarantine.bucket_name,
                alerts_topic_arn=self.alerts.topic_arn,
                analytics_stream_name=analytics.stream_name if analytics else None,
                thresholds=dict(config.thresholds),
                limits=config.limits,
                lease_seconds=config.telemetry_function.timeout_seconds,
                **told,
            ),
            grants=[
                allow("dynamodb:Query", "dynamodb:PutItem", on=[devices.table_arn]),
                quarantining(quarantine),
                allow("sns:Publish", on=[self.alerts.topic_arn]),
                *([allow("kinesis:PutRecords", on=[analytics.stream_arn])] if analytics else []),
            ],
            config=config.telemetry_function,
            shared=shared,
            on_failure=self.failures,
        ).function
        self.rule = FunctionRule(
            self,
            "Own",
            description="What devices tell in their own name",
            select=ENVELOPE_SQL,
            topics=ALL_TELEMETRY,
            where="topic(2) = clientid()",
            function=self.function,
            bucket=quarantine,
            undelivered=f"{UNDELIVERED_PREFIX}telemetry/",
        ).rule
        self.foreign = BucketRule(
            self,
            "Foreign",
            description="What somebody tells in the name of a device",
            select=ENVELOPE_SQL,
            topics=ALL_TELEMETRY,
            where="topic(2) <> clientid()",
            bucket=quarantine,
            prefix=FOREIGN_PREFIX,
            undelivered=f"{UNDELIVERED_PREFIX}foreign/",
        ).rule


def quarantining(bucket: s3.IBucket) -> GrantTo:
    """A grant of keeping what was rejected."""
    return allow("s3:PutObject", on=[bucket.arn_for_objects(f"{QUARANTINE_PREFIX}*")], wildcard=_ANY_REJECTED)
