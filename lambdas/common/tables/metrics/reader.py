"""Answers "this metric, from, to, step" out of the metrics table with one Query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING

from lambdas.common.tables.metrics.aggregates import Aggregate, from_attributes
from lambdas.common.tables.metrics.layout import METRIC, MINUTE, PERIOD_AND_SHARD, metric_key, period_key, period_start

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Point:
    """A metric over the step that begins at ``start``, in UTC."""

    start: datetime
    value: Aggregate


class TooMuchError(Exception):
    """More values are in the range than may be read."""


@dataclass(frozen=True)
class MetricsReader:
    """Reads the metrics table, eventually consistent: what was written within the last second may be missing.

    A period belongs to a range if it starts in it: ``start`` is included, ``end`` is not. Where ``max_megabytes`` are
    set, all methods raise TooMuchError.
    """

    client: DynamoDBClient
    table_name: str
    max_megabytes: int | None = None
    """Of values, that one question may read; each takes an answer of DynamoDB."""

    def series(
        self, metric: str, *, start: datetime, end: datetime, step: timedelta, dimension: str = ""
    ) -> list[Point]:
        """The metric per step, merged over shards and periods, oldest first; steps without data are absent.

        Steps are aligned to 1970-01-01 UTC, so those of a day begin at midnight UTC and a chart keeps its points as
        its range moves on. The first and last step hold only what lies in the range.

        Raises:
            ValueError: a time has no zone, the range is empty, the step is not in whole minutes, the metric's name
                or dimension makes no key, or an item is of an unknown kind or of another kind than the one before.
        """
        minute = timedelta(seconds=MINUTE)
        if step < minute or step % minute:
            raise ValueError(f"a step of {step} is not in whole minutes, the shortest period that is kept")
        seconds = int(step.total_seconds())
        steps = groupby(self._values(metric, dimension, start, end), lambda each: each[0] // seconds * seconds)
        return [
            Point(datetime.fromtimestamp(begin, UTC), reduce(_merge, (value for _, value in values)))
            for begin, values in steps
        ]

    def total(self, metric: str, start: datetime, end: datetime, dimension: str = "") -> Aggregate | None:
        """The metric over the whole range, None without data. Raises ValueError as `series` does."""
        values: Iterable[Aggregate] = (value for _, value in self._values(metric, dimension, start, end))
        return reduce(_merge_any, values, None)

    def _values(self, metric: str, dimension: str, start: datetime, end: datetime) -> Iterator[tuple[int, Aggregate]]:
        """Start of the period and value of each item in the range, in the order of time."""
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("a time without zone is ambiguous: give start and end with one, such as datetime.UTC")
        if start >= end:
            raise ValueError(f"nothing lies between {start} and {end}: the end must be after the start")
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            KeyConditionExpression="#metric = :metric AND #period BETWEEN :start AND :end",
            ExpressionAttributeNames={"#metric": METRIC, "#period": PERIOD_AND_SHARD},
            ExpressionAttributeValues={
                ":metric": {"S": metric_key(metric, dimension)},
                # A bare period sorts before its own shards, so the range takes in those of the first and none of the
                # last.
                ":start": {"S": period_key(_next_minute(start))},
                ":end": {"S": period_key(_next_minute(end))},
            },
        )
        for before, page in enumerate(pages):
            if before == self.max_megabytes:
                raise TooMuchError(f"the range has more than {before} MB of values: ask for a shorter one")
            for item in page["Items"]:
                yield period_start(item[PERIOD_AND_SHARD]["S"]), from_attributes(item)


def _next_minute(moment: datetime) -> int:
    """Unix seconds of the minute that starts at this moment or else next."""
    return -((datetime.fromtimestamp(0, UTC) - moment) // timedelta(seconds=MINUTE)) * MINUTE


def _merge(one: Aggregate, other: Aggregate) -> Aggregate:
    if type(one) is not type(other):
        raise ValueError(
            f"the metric holds values of kind {one.kind} and of kind {other.kind}: "
            f"a recipe that counts otherwise than before needs a new name for its metric"
        )
    return one.merge(other)


def _merge_any(one: Aggregate | None, other: Aggregate) -> Aggregate:
    return other if one is None else _merge(one, other)
