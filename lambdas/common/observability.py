"""Logs and metrics of a function: structured JSON and embedded metric format, by Powertools, set up in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from lambdas.common.settings import Settings


class InvocationContext(Protocol):
    """The part of Lambda's context object that functions use."""

    @property
    def aws_request_id(self) -> str: ...


class Observability:
    """Logger and metrics of one function; every line carries the request id, every metric the service."""

    def __init__(self, settings: Settings) -> None:
        # Lambda reads a line's level only where its time is in this format.
        self.logger = Logger(service=settings.service, level="INFO", use_rfc3339=True)
        self._metrics = Metrics(service=settings.service, namespace=settings.metrics_namespace)

    def count(self, name: str, value: float = 1) -> None:
        """Adds to the metric ``name`` (unit: count) of this invocation."""
        self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)

    def percent(self, name: str, value: float) -> None:
        """Records a percentage."""
        self._metrics.add_metric(name=name, unit=MetricUnit.Percent, value=value)

    def milliseconds(self, name: str, value: float) -> None:
        """Records a duration in milliseconds."""
        self._metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=value)

    def gauge(self, name: str, value: float, **dimensions: str) -> None:
        """Records a value without a unit, with dimensions of its own beside the service."""
        with single_metric(
            name=name,
            unit=MetricUnit.NoUnit,
            value=value,
            namespace=self._metrics.namespace,
            default_dimensions={"service": self._metrics.service or "", **dimensions},
        ):
            pass  # written at the end

    def flush(self) -> None:
        """Writes the metrics that there are: what ends the process after this cannot lose them."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()

    @contextmanager
    def invocation(self, context: InvocationContext) -> Iterator[None]:
        """Wraps one invocation: request id on every line, failures logged and raised, metrics flushed at the end."""
        self.logger.append_keys(request_id=context.aws_request_id)
        try:
            yield
        except Exception:
            self.logger.exception("invocation failed; the event source retries it or delivers it to its destination")
            raise
        finally:
            self.flush()
            # What one invocation appended must not appear on the lines of the next.
            self.logger.clear_state()
