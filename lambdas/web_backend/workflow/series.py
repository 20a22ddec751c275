"""Metrics of the event stream over time."""

from __future__ import annotations

from http import HTTPStatus

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer
from lambdas.common.http.problems import ProblemError
from lambdas.common.http.routes import Nothing
from lambdas.common.tables.metrics.reader import TooMuchError
from lambdas.web_backend.contract.models import MetricPath, Series, SeriesQuery
from lambdas.web_backend.domain.series import check, point
from lambdas.web_backend.ports import Metrics


class SeriesOperations(Struct, frozen=True):
    """What can be asked of metrics."""

    metrics: Metrics
    max_points: int

    def get(self, call: Call[MetricPath, SeriesQuery, Nothing]) -> Answer:
        """A metric over time; one that there is not is one without data."""
        metric, query = call.parameters.metric, call.query
        try:
            check(metric, query, self.max_points)
        except ValueError as error:
            raise _refused(error) from error
        try:
            found = self.metrics.series(metric, query)
        except TooMuchError as error:
            raise _refused(error) from error
        points = tuple(point(each.start, each.value) for each in found)
        return answer(200, Series(metric=metric, dimension=query.dimension, points=points))


def _refused(error: Exception) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, f"query: {error}")
