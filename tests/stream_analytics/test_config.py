"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack

from lambdas.stream_analytics.contract import Limits
from stacks.blocks.function import FunctionConfig
from stacks.blocks.stream_source import StreamSourceConfig
from stacks.config import STAGES
from stacks.stream_analytics.construct import StreamAnalytics, StreamAnalyticsConfig

NAMES = r"recipes are distinct names of modules, at least one; got \[.*\]"
SHARDS = r"parallelization_factor above 1 .* checkpoint .*: leave it at 1 and take more shards instead"
RETENTION = (
    r"retention_hours of 24 would let records expire .*: set at least 25, or a lower source.max_record_age_hours"
)
PROGRESS = r"progress_days of 91 would forget redriven events .*: set more than 91, or fewer quarantine_days"
LATE = r"limits.max_late_seconds of 86400 would count .* expired: set less than 1 days, or more metrics_days"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"recipes": ()}, NAMES),
        ({"recipes": ("orders", "logs", "orders")}, NAMES),
        ({"recipes": ("../orders",)}, NAMES),
        ({"recipes": ("orders.py",)}, NAMES),
        ({"recipes": ("",)}, NAMES),
        ({"source": StreamSourceConfig(parallelization_factor=2)}, SHARDS),
        ({"source": StreamSourceConfig(max_record_age_hours=19)}, RETENTION),
        ({"progress_days": 91}, PROGRESS),
        ({"progress_days": 90 + 2, "retention_hours": 25}, r"set more than 92, or fewer quarantine_days"),
        ({"metrics_days": 1}, LATE),
        ({"shards": 0}, r"shards: Expected `int` >= 1"),
        ({"retention_hours": 23}, r"retention_hours: Expected `int` >= 24"),
        ({"retention_hours": 8761}, r"retention_hours: Expected `int` <= 8760"),
        ({"metrics_days": 0}, r"metrics_days: Expected `int` >= 1"),
        ({"index_days": 0}, r"index_days: Expected `int` >= 1"),
        ({"archive_days": 0}, r"archive_days: Expected `int` >= 1"),
        ({"quarantine_days": 0}, r"quarantine_days: Expected `int` >= 1"),
        ({"max_lag_seconds": 0}, r"max_lag_seconds: Expected `int` >= 1"),
        ({"quarantine_alarm_percent": 101.0}, r"quarantine_alarm_percent: Expected `float` <= 100"),
        ({"limits": Limits(max_events_per_record=0)}, r"limits: Expected `int` >= 1"),
        ({"function": FunctionConfig(memory_mb=64)}, r"function: Expected `int` >= 128"),
        ({"function": FunctionConfig(timeout_seconds=901)}, r"function: Expected `int` <= 900"),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StreamAnalyticsConfig(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 0}, r"batch_size: Expected `int` >= 1"),
        ({"batch_size": 10_001}, r"batch_size: Expected `int` <= 10000"),
        ({"max_batching_window_seconds": 301}, r"max_batching_window_seconds: Expected `int` <= 300"),
        ({"retry_attempts": -1}, r"retry_attempts: Expected `int` >= 0"),
        ({"max_record_age_hours": 169}, r"max_record_age_hours: Expected `int` <= 168"),
        ({"parallelization_factor": 0}, r"parallelization_factor: Expected `int` >= 1"),
        ({"parallelization_factor": 11}, r"parallelization_factor: Expected `int` <= 10"),
    ],
)
def test_event_source_beyond_lambda_s_limits_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StreamSourceConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"recipes": ("orders",)},
        {"source": StreamSourceConfig(max_record_age_hours=162), "retention_hours": 168, "progress_days": 98},
        {"quarantine_days": 1, "progress_days": 3},
        {"metrics_days": 2},
        {"shards": 1, "archive_days": 1, "index": True, "index_days": 1, "quarantine_alarm_percent": 0},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    StreamAnalyticsConfig(**fields)


def test_recipe_without_a_module_fails_at_synth_and_says_where_it_would_stand() -> None:
    config = StreamAnalyticsConfig(recipes=("orders", "weather"))
    message = r"no module weather in .*lambdas.stream_analytics.recipes: write it, or take it off the list"
    with pytest.raises(FileNotFoundError, match=message):
        StreamAnalytics(Stack(App(analytics_reporting=False)), "StreamAnalytics", config, STAGES["dev"].shared)
