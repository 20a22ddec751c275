"""What users of table ETL decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.table_etl import pipelines
from lambdas.table_etl.contract import COMPACT_MARGIN_SECONDS, Limits
from lambdas.table_etl.domain.pipeline import Pipeline
from stacks.blocks.fields import Percent, Positive, check_fields
from stacks.blocks.function import ROOT, FunctionConfig
from stacks.blocks.stream_source import StreamSourceConfig

STREAM_HOURS = 24
"""That a table's stream keeps changes; nobody can choose."""
RETENTION_MARGIN_HOURS = 6
"""What Lambda has at the least, after changes have become too old for it, to put them into the failure bucket."""

MEBIBYTE = 1024 * 1024


class TargetKind(StrEnum):
    """A data store that rows are loaded into."""

    READ_MODEL = "read_model"
    """A DynamoDB table, shaped for queries."""
    LAKE = "lake"
    """Parquet in S3, for Athena."""
    OUTLET = "outlet"
    """An EventBridge bus, for other services."""


@dataclass(frozen=True, kw_only=True)
class TableEtlConfig:
    """What users of table ETL decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    pipeline: str = "orders"
    """Module in ``lambdas/table_etl/pipelines``."""
    targets: tuple[TargetKind, ...] = (TargetKind.READ_MODEL, TargetKind.LAKE)
    limits: Limits = Limits()
    source: StreamSourceConfig = StreamSourceConfig(batch_size=1_000)
    """A change comes with the item before and after it, so batches are full long before stream records' usual number;
    and every one of their rows is read before it is written."""
    filter_source: bool = True
    """Let Lambda drop what the pipeline's filter is not about before it invokes the function, which is free; else the
    function drops it by itself."""
    max_lag_seconds: Positive = 300
    """Age of changes, when the function gets them, above which an alarm is raised."""
    quarantine_alarm_percent: Percent = 5.0
    """Share of rejected changes and rows, averaged over the batches of 15 minutes, above which an alarm is raised."""
    quarantine_days: Positive = 90
    """Days that what was rejected, and changes that were given up, wait to be redriven."""
    backfill_days: Positive | None = None
    """Days that files of historical data are kept once they are loaded. None keeps them for good."""
    backfill_concurrency: Annotated[int, msgspec.Meta(ge=2, le=1000)] = 2
    """Files that are loaded at a time, beside the live changes; two is the least that Lambda can be held to."""
    lake_since: date = date(2020, 1, 1)
    """First day that Athena looks for; earlier ones are in the lake, and no query finds them. Each day that a query
    does not exclude costs it a request to S3."""
    compact_every_minutes: Annotated[int, msgspec.Meta(ge=1, le=24 * 60)] = 15
    """How old the lake may be for Athena. Each run that finds something reads and writes the days that changed."""
    max_staged_age_minutes: Positive = 60
    """Age of the oldest staged object that is left after a compaction above which an alarm is raised."""
    compact_chunk_bytes: Annotated[int, msgspec.Meta(ge=MEBIBYTE)] = 64 * MEBIBYTE
    """Of staged objects that are merged at a time, as stored."""
    grace_hours: Positive = 24
    """How long replaced Parquet objects stay for queries that still read them."""
    max_scanned_bytes: Annotated[int, msgspec.Meta(ge=10_000_000)] = 10_000_000_000
    """What an Athena query may scan before it is cancelled: 10 GB, five cents at 5 dollars a terabyte. Athena's own
    least is 10 MB."""
    load_function: FunctionConfig = FunctionConfig(timeout_seconds=300)
    plan_function: FunctionConfig = FunctionConfig(memory_mb=512)
    backfill_function: FunctionConfig = FunctionConfig(timeout_seconds=900)
    """A file has to be loaded within one invocation."""
    compact_function: FunctionConfig = FunctionConfig(memory_mb=3008, timeout_seconds=900, storage_mb=4096)
    """Half of the memory is for DuckDB, which goes on in the temporary directory when it needs more."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.pipeline):
            raise ValueError(f"pipeline is the name of a module; got {self.pipeline!r}")
        if not self.targets or len(set(self.targets)) < len(self.targets):
            raise ValueError(
                f"targets are distinct, and at least one: {', '.join(TargetKind)}; got {list(map(str, self.targets))}"
            )
        most = STREAM_HOURS - RETENTION_MARGIN_HOURS
        if self.source.max_record_age_hours > most:
            raise ValueError(
                f"source.max_record_age_hours of {self.source.max_record_age_hours} would let changes expire, which "
                f"streams of tables keep for {STREAM_HOURS} hours, before they are given up to the failure bucket: "
                f"set at most {most}"
            )
        if self.compact_function.timeout_seconds < 2 * COMPACT_MARGIN_SECONDS:
            raise ValueError(
                f"compact_function.timeout_seconds of {self.compact_function.timeout_seconds} would leave no time to "
                f"begin a day in: set at least {2 * COMPACT_MARGIN_SECONDS}"
            )
        if self.max_staged_age_minutes <= self.compact_every_minutes:
            raise ValueError(
                f"max_staged_age_minutes of {self.max_staged_age_minutes} would raise an alarm for what only waits for "
                f"the next compaction: set more than {self.compact_every_minutes}, or fewer compact_every_minutes"
            )


def declared_pipeline(name: str) -> Pipeline:
    """The pipeline of a module.

    Raises:
        FileNotFoundError: there is no such module; says where it would stand.
    """
    directory = ROOT / "lambdas" / "table_etl" / "pipelines"
    if not (directory / f"{name}.py").is_file():
        raise FileNotFoundError(
            f"pipeline: there is no module {name} in {directory}: write it, or name one that is there"
        )
    return pipelines.named(name)
