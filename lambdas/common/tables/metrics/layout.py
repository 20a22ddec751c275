"""Layout of the metrics table: one item per metric, dimension, period and shard.

Each item is written by its shard alone, so writers never conflict; readers merge the items of all shards. A period is
a minute, or a day for metrics that are kept per day, and is named by its start, so that one Query on a partition
answers a range of time. The values are in `aggregates` and `sketches`.
"""

from __future__ import annotations

from datetime import UTC, datetime

METRIC = "metric"
"""Partition key, see `metric_key`."""
PERIOD_AND_SHARD = "period_and_shard"
"""Sort key: ``2026-11-21T10:05Z#shardId-000000000003``."""
EXPIRES_AT = "expires_at"
"""Time to live: Unix seconds."""

MINUTE = 60
"""Seconds; no period is shorter."""

MAX_METRIC_KEY_BYTES = 2048
"""What DynamoDB takes as a partition key, in UTF-8."""

_SEPARATOR = "#"


def metric_key(metric: str, dimension: str = "") -> str:
    """Partition key of a metric, or of one value of its dimension: ``activity.feature_use#search``.

    Raises:
        ValueError: the metric's name is empty or contains ``#``, or the dimension is too long.
    """
    if not metric or _SEPARATOR in metric:
        raise ValueError(f"{metric!r} cannot name a metric: choose a name that is not empty and has no {_SEPARATOR!r}")
    key = f"{metric}{_SEPARATOR}{dimension}" if dimension else metric
    size = len(key.encode())
    if size > MAX_METRIC_KEY_BYTES:
        raise ValueError(
            f"{metric}: with the dimension {dimension[:40]!r}... the key has {size} bytes in UTF-8, and DynamoDB takes "
            f"{MAX_METRIC_KEY_BYTES}: limit the field's length in the recipe, or count by its hash"
        )
    return key


def period_key(start: int) -> str:
    """Name of the period that starts at these Unix seconds, ``2026-11-21T10:05Z``; sorts as time does.

    Raises:
        ValueError: no minute starts there.
    """
    if start % MINUTE:
        raise ValueError(f"{start} is within a minute: a period starts with a minute, round down to {MINUTE} seconds")
    return f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M}Z"


def item_key(metric: str, dimension: str, start: int, shard: str) -> dict[str, dict[str, str]]:
    """Primary key of the item that a shard writes for a period, as boto3's client takes it.

    Raises:
        ValueError: see `metric_key` and `period_key`.
    """
    return {
        METRIC: {"S": metric_key(metric, dimension)},
        PERIOD_AND_SHARD: {"S": f"{period_key(start)}{_SEPARATOR}{shard}"},
    }


def period_start(sort_key: str) -> int:
    """Unix seconds at which the period of a sort key starts."""
    period = sort_key.partition(_SEPARATOR)[0]
    return int(datetime.fromisoformat(period).timestamp())
