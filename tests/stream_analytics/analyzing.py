"""Runs events through recipes, without AWS and without a stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.stream_analytics.contract import Limits
from lambdas.stream_analytics.domain.analysis import Analysis
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.pieces import Pieces
from lambdas.stream_analytics.domain.recipe import Recipe
from lambdas.stream_analytics.domain.records import Record
from lambdas.stream_analytics.domain.tally import Tally

KEY = b"a secret"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = int(NOON.timestamp())
"""Of the minute, and of the time at which everything arrives."""

Content = dict[str, Any]


def in_pieces(payloads: Sequence[bytes], arrived: Sequence[float] = ()) -> Pieces:
    """One record for each event; all arrive at `NOON`, if nothing else is said."""
    times = arrived or [START] * len(payloads)
    records = [Record(str(number), data, time) for number, (data, time) in enumerate(zip(payloads, times, strict=True))]
    return Pieces("shard-0", list(payloads), records, [0] * len(payloads))


def analyze(recipe: Recipe[Any], *contents: Content, limits: Limits | None = None) -> Analysis:
    """What a recipe makes of the fields of some events; ``type`` and ``time`` are added."""
    payloads = [msgspec.json.encode({"type": recipe.name, "time": NOON} | content) for content in contents]
    return Analyzer([recipe], limits or Limits(), KEY).analyze(in_pieces(payloads))


def values(tally: Tally, metric: str) -> dict[str, Aggregate]:
    """Aggregates of a metric by dimension, which are all of one period."""
    found = {item.dimension: value for item, value in tally.items() if item.metric == metric}
    assert len({item.start for item in tally if item.metric == metric}) <= 1, "there are several periods"
    return found


def only(tally: Tally, metric: str) -> Any:
    """The aggregate of a metric without dimension."""
    found = values(tally, metric)
    assert found.keys() == {""}
    return found[""]


def reasons(analysis: Analysis) -> dict[int, str]:
    """Why which events are rejected."""
    return {at: rejected.code for at, rejected in analysis.rejected.items()}
