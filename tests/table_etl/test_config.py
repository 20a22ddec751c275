"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb

from lambdas.table_etl.contract import Limits
from stacks.blocks.function import FunctionConfig
from stacks.blocks.stream_source import StreamSourceConfig
from stacks.config import STAGES
from stacks.table_etl.config import TableEtlConfig, TargetKind
from stacks.table_etl.construct import TableEtl

PIPELINE = "pipeline is the name of a module; got "
TARGETS = r"targets are distinct, and at least one: read_model, lake, outlet; got \[.*\]"
EXPIRED = (
    r"source.max_record_age_hours of 19 would let changes expire, which streams of tables keep for 24 hours, .*: "
    r"set at most 18"
)
STAGED = r"max_staged_age_minutes of 30 would raise an alarm .*: set more than 30, or fewer compact_every_minutes"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pipeline": "../orders"}, PIPELINE),
        ({"pipeline": "orders.py"}, PIPELINE),
        ({"pipeline": ""}, PIPELINE),
        ({"targets": ()}, TARGETS),
        ({"targets": (TargetKind.LAKE, TargetKind.LAKE)}, TARGETS),
        ({"targets": ("warehouse",)}, r"targets: Invalid enum value 'warehouse'"),
        ({"source": StreamSourceConfig(max_record_age_hours=19)}, EXPIRED),
        ({"max_staged_age_minutes": 30, "compact_every_minutes": 30}, STAGED),
        ({"compact_every_minutes": 0}, r"compact_every_minutes: Expected `int` >= 1"),
        ({"compact_every_minutes": 1441, "max_staged_age_minutes": 2000}, r"compact_every_minutes: Expected `int` <= "),
        ({"lake_since": "yesterday"}, r"lake_since: Invalid RFC3339"),
        ({"max_scanned_bytes": 9_999_999}, r"max_scanned_bytes: Expected `int` >= 10000000"),
        ({"compact_chunk_bytes": 1}, r"compact_chunk_bytes: Expected `int` >= 1048576"),
        ({"grace_hours": 0}, r"grace_hours: Expected `int` >= 1"),
        ({"backfill_concurrency": 1}, r"backfill_concurrency: Expected `int` >= 2"),
        ({"backfill_concurrency": 1001}, r"backfill_concurrency: Expected `int` <= 1000"),
        ({"backfill_days": 0}, r"backfill_days: Expected `int` >= 1"),
        ({"quarantine_days": 0}, r"quarantine_days: Expected `int` >= 1"),
        ({"max_lag_seconds": 0}, r"max_lag_seconds: Expected `int` >= 1"),
        ({"quarantine_alarm_percent": 101.0}, r"quarantine_alarm_percent: Expected `float` <= 100"),
        ({"limits": Limits(max_row_bytes=200_001)}, r"limits: Expected `int` <= 200000"),
        ({"compact_function": FunctionConfig(timeout_seconds=239)}, r"compact_function.timeout_seconds of 239 .* 240"),
        ({"compact_function": FunctionConfig(storage_mb=511)}, r"compact_function: Expected `int` >= 512"),
        ({"compact_function": FunctionConfig(storage_mb=10_241)}, r"compact_function: Expected `int` <= 10240"),
        ({"backfill_function": FunctionConfig(timeout_seconds=901)}, r"backfill_function: Expected `int` <= 900"),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TableEtlConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"targets": (TargetKind.OUTLET,)},
        {"targets": tuple(TargetKind), "filter_source": False},
        {"source": StreamSourceConfig(max_record_age_hours=18, parallelization_factor=10)},
        {"compact_every_minutes": 24 * 60, "max_staged_age_minutes": 24 * 60 + 1},
        {"backfill_days": 1, "quarantine_days": 1, "backfill_concurrency": 1000},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    TableEtlConfig(**fields)


def test_pipeline_without_a_module_fails_at_synth_and_says_where_it_would_stand() -> None:
    message = r"no module weather in .*lambdas.table_etl.pipelines: write it, or name one that is there"
    with pytest.raises(FileNotFoundError, match=message):
        TableEtl(_stack(), "TableEtl", TableEtlConfig(pipeline="weather"), STAGES["dev"].shared)


def test_table_without_a_stream_fails_at_synth_and_says_how_to_hand_it_over() -> None:
    stack = _stack()
    table = dynamodb.Table.from_table_name(stack, "Shop", "shop")
    message = r"Shop has no stream: switch one on, with new and old images, and .* with its table_stream_arn"
    with pytest.raises(ValueError, match=message):
        TableEtl(stack, "TableEtl", TableEtlConfig(), STAGES["dev"].shared, table)


def _stack() -> Stack:
    return Stack(App(analytics_reporting=False))
