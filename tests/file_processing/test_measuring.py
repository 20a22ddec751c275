"""Measuring writes down what it is about to write: else nobody could take it back."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lambdas.common.failures import UnavailableError
from lambdas.common.tables.metrics.aggregates import Count
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.domain.catalog import Current
from lambdas.file_processing.domain.processing import Measurement, Processed
from lambdas.file_processing.workflow.measuring import Measuring

MEASURED = Processed(measurements=(Measurement("access.requests", "shop/", 60, Count(5)),))
SHOWN = cast(Current, SimpleNamespace(file_id="f", generation="g"))


class Written:
    """Products by their keys, and the keys of metrics; what writes metrics may be cut off after them."""

    def __init__(self) -> None:
        self.products: dict[str, bytes] = {}
        self.metrics: set[tuple[str, str, int]] = set()

    def write(self, *given: Any) -> None:
        if len(given) == 3:
            self.products[given[0]] = given[1]
        else:
            self.metrics |= {(each.metric, each.dimension, each.start) for each in given[1]}
            raise UnavailableError("killed")

    def read(self, key: str) -> bytes | None:
        return self.products.get(key)

    def delete(self, _: str, keys: Sequence[tuple[str, str, int]]) -> None:
        self.metrics -= {tuple(each) for each in keys}


def test_metrics_of_a_run_that_was_cut_off_can_be_taken_back() -> None:
    written = Written()
    measuring = Measuring(cast(Any, written), cast(Any, written))
    with pytest.raises(UnavailableError):
        measuring.publish(SHOWN, MEASURED)
    assert written.metrics
    measuring.retract(Work(file_id="f", generation="g"))
    assert not written.metrics
