"""Kinesis stream analytics: an events stream in, exact counters, unique orders, an archive and a quarantine out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec
from aws_cdk import Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from lambdas.common.tables.metrics import layout
from lambdas.stream_analytics import contract
from lambdas.stream_analytics.contract import AnalyzeSettings, Limits
from stacks.blocks.alarms import Alarms
from stacks.blocks.bucket import private_bucket
from stacks.blocks.fields import Percent, Positive, check_fields
from stacks.blocks.function import ROOT, FunctionConfig, GrantTo, HandlerFunction, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.stream import encrypted_stream, reading_stream
from stacks.blocks.stream_source import StreamSource, StreamSourceConfig
from stacks.blocks.table import on_demand_table
from stacks.stream_analytics.monitoring import Monitoring

RECIPES = ("clickstream", "activity", "orders", "telemetry", "mobile", "social", "logs")

RETENTION_MARGIN_HOURS = 6
"""What Lambda has at the least, after records have become too old for it, to put them into the failure bucket."""

_ANY_KEY = "keys are made of types of events, times and identities: any key of this one bucket"
_NO_ROTATION = "another key would give every person a second pseudonym, and nothing from before could be joined or told"


@dataclass(frozen=True, kw_only=True)
class StreamAnalyticsConfig:
    """What users of stream analytics decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    recipes: tuple[str, ...] = RECIPES
    """Modules in ``lambdas/stream_analytics/recipes``; events of other types go to quarantine."""
    limits: Limits = Limits()
    shards: Positive | None = None
    """Capacity of the stream, for each shard 1 MB and 1,000 records a second. None is on-demand: it starts with four
    times that, grows with the traffic, and is paid by the gigabyte. 38,600 events of 250 bytes a second, 100 billion a
    month, need 50 shards as plain records and 13 packed, with a quarter to spare."""
    retention_hours: Annotated[int, msgspec.Meta(ge=24, le=8760)] = 24
    """How long the stream keeps records; the first 24 hours cost nothing extra."""
    source: StreamSourceConfig = StreamSourceConfig()
    metrics_days: Positive = 90
    index: bool = False
    """Write every event under each of its entities: a write per event costs more than everything else together."""
    index_days: Positive = 30
    archive_days: Positive | None = None
    """None keeps cleansed events for good."""
    quarantine_days: Positive = 90
    """Days that rejected events, and records that were given up, wait to be redriven."""
    progress_days: Positive = 120
    """Days that is remembered which events have been redriven, so that none counts twice."""
    max_lag_seconds: Positive = 300
    """Age of records, when the function gets them, above which an alarm is raised."""
    quarantine_alarm_percent: Percent = 5.0
    """Share of rejected events, averaged over the batches of 15 minutes, above which an alarm is raised."""
    function: FunctionConfig = FunctionConfig(timeout_seconds=300)
    """A batch of packed, compressed events can need thousands of transactions; what is cut off goes on in the retry."""

    def __post_init__(self) -> None:
        check_fields(self)
        named = all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in self.recipes)
        if not self.recipes or len(set(self.recipes)) < len(self.recipes) or not named:
            raise ValueError(f"recipes are distinct names of modules, at least one; got {list(self.recipes)}")
        if self.source.parallelization_factor > 1:
            raise ValueError(
                "source.parallelization_factor above 1 would let several invocations move the checkpoint of one "
                "shard, and all but one of them would fail and be retried: leave it at 1 and take more shards instead"
            )
        least = self.source.max_record_age_hours + RETENTION_MARGIN_HOURS
        if self.retention_hours < least:
            raise ValueError(
                f"retention_hours of {self.retention_hours} would let records expire before they are given up to the "
                f"failure bucket: set at least {least}, or a lower source.max_record_age_hours"
            )
        least = self.quarantine_days + -(-self.retention_hours // 24)
        if self.progress_days <= least:
            raise ValueError(
                f"progress_days of {self.progress_days} would forget redriven events that can still be redriven once "
                f"more: set more than {least}, or fewer quarantine_days"
            )
        if self.limits.max_late_seconds >= self.metrics_days * 24 * 60 * 60:
            raise ValueError(
                f"limits.max_late_seconds of {self.limits.max_late_seconds} would count events into metrics that have "
                f"expired: set less than {self.metrics_days} days, or more metrics_days"
            )


class StreamAnalytics(Construct):
    """Counts, cleanses and keeps every event put into ``events``; see docs/stream_analytics.md.

    Attributes are L2 constructs: ``events``, ``metrics``, ``progress``, ``orders``, ``index``, ``archive``,
    ``quarantine``, ``failures``, ``pseudonym_key``, ``analyze``, ``source``, ``alarms``.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: StreamAnalyticsConfig, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        _check_recipes(config.recipes)
        self.events = encrypted_stream(
            self, "Events", shared, shards=config.shards, retention_hours=config.retention_hours
        )
        self._tables(shared)
        self.archive = self._bucket("Archive", config.archive_days, shared)
        self.quarantine = self._bucket("Quarantine", config.quarantine_days, shared)
        self.failures = self._bucket("Failures", config.quarantine_days, shared)
        self.pseudonym_key = self._pseudonym_key(shared)
        self.analyze = self._analyze(config, shared)
        self.source = StreamSource(
            self,
            "Source",
            function=self.analyze.function,
            stream_arn=self.events.stream_arn,
            reading=reading_stream(self.events),
            failures=self.failures,
            config=config.source,
        )
        self.alarms = Alarms(self, "Alarms", shared)
        monitoring = Monitoring(self, self.analyze.function, self.events, self.source)
        monitoring.watch(self.alarms, config.max_lag_seconds, config.quarantine_alarm_percent)
        monitoring.show(self.alarms)

    def _tables(self, shared: SharedPolicy) -> None:
        self.metrics = on_demand_table(
            self,
            "Metrics",
            shared,
            partition_key=layout.METRIC,
            sort_key=layout.PERIOD_AND_SHARD,
            time_to_live=layout.EXPIRES_AT,
        )
        self.progress = on_demand_table(
            self,
            "Progress",
            shared,
            partition_key=contract.SHARD_ID,
            sort_key=contract.ENTRY,
            time_to_live=contract.EXPIRES_AT,
        )
        # Without time to live: an order that comes again would count again once it is forgotten.
        self.orders = on_demand_table(self, "Orders", shared, partition_key=contract.ORDER_ID)
        self.index = on_demand_table(
            self,
            "Index",
            shared,
            partition_key=contract.ENTITY,
            sort_key=contract.TIME_AND_ORIGIN,
            time_to_live=contract.EXPIRES_AT,
        )

    def _bucket(self, construct_id: str, days: int | None, shared: SharedPolicy) -> s3.Bucket:
        expiring = [s3.LifecycleRule(expiration=Duration.days(days))] if days else []
        return private_bucket(self, construct_id, shared, lifecycle_rules=expiring)

    def _pseudonym_key(self, shared: SharedPolicy) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "PseudonymKey",
            description="Key of the pseudonyms that take the place of personal fields",
            generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, password_length=64),
            removal_policy=shared.removal_policy,
        )
        acknowledge(secret, {"AwsSolutions-SMG4": _NO_ROTATION})
        return secret

    def _analyze(self, config: StreamAnalyticsConfig, shared: SharedPolicy) -> HandlerFunction:
        settings = AnalyzeSettings(
            service=self.node.id,
            metrics_namespace=Stack.of(self).stack_name,
            recipes=config.recipes,
            limits=config.limits,
            progress_table_name=self.progress.table_name,
            metrics_table_name=self.metrics.table_name,
            orders_table_name=self.orders.table_name,
            index_table_name=self.index.table_name,
            archive_bucket_name=self.archive.bucket_name,
            quarantine_bucket_name=self.quarantine.bucket_name,
            pseudonym_secret_arn=self.pseudonym_key.secret_arn,
            metrics_days=config.metrics_days,
            index=config.index,
            index_days=config.index_days,
            progress_days=config.progress_days,
        )
        return HandlerFunction(
            self,
            "Analyze",
            module="lambdas.stream_analytics.analyze",
            description="Counts, cleanses and keeps the events of a stream",
            settings=settings,
            grants=self._analyze_grants(config),
            config=config.function,
            shared=shared,
        )

    def _analyze_grants(self, config: StreamAnalyticsConfig) -> list[GrantTo]:
        """Exactly the calls of ``lambdas/stream_analytics/adapters``; none of them can write to ``events``.

        A transaction of puts needs the right to put ("Using IAM with DynamoDB transactions").
        """
        grants = [
            allow("dynamodb:GetItem", on=[self.progress.table_arn]),
            allow(
                "dynamodb:BatchGetItem",
                "dynamodb:PutItem",
                on=[self.progress.table_arn, self.metrics.table_arn, self.orders.table_arn],
            ),
            *(
                allow("s3:PutObject", on=[bucket.arn_for_objects("*")], wildcard=_ANY_KEY)
                for bucket in (self.archive, self.quarantine)
            ),
            allow("secretsmanager:GetSecretValue", on=[self.pseudonym_key.secret_arn]),
        ]
        if config.index:
            grants.append(allow("dynamodb:BatchWriteItem", on=[self.index.table_arn]))
        return grants


def _check_recipes(names: tuple[str, ...]) -> None:
    directory = ROOT / "lambdas" / "stream_analytics" / "recipes"
    missing = [name for name in names if not (directory / f"{name}.py").is_file()]
    if missing:
        raise FileNotFoundError(
            f"recipes: there is no module {', '.join(missing)} in {directory}: write it, or take it off the list"
        )
