"""Time series out of the metrics table of stream analytics."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from lambdas.common.calls import aws_call
from lambdas.common.tables.metrics.reader import MetricsReader, Point
from lambdas.web_backend.contract.models import SeriesQuery


class StreamMetrics(Struct, frozen=True):
    """`Metrics`."""

    reader: MetricsReader

    def series(self, metric: str, query: SeriesQuery) -> list[Point]:
        """Of what was written within the last second, a part may be missing. Raises TooMuchError."""
        step = timedelta(minutes=query.step_minutes)
        with aws_call(f"read {metric}"):
            return self.reader.series(metric, start=query.start, end=query.end, step=step, dimension=query.dimension)
