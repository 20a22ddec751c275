"""Access logs as files, and what is measured of them in a form that is easy to compare."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lambdas.common.tables.metrics.aggregates import Count, Sum
from lambdas.common.tables.metrics.sketches import Quantiles, Top
from lambdas.file_processing.contract.access_logs import BAD_LINES, AccessMetric
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.access_logs.measure import process
from lambdas.file_processing.domain.processing import Input, Measurement, Processed
from tests.file_processing.access_log_reference import Request


@dataclass
class Measured:
    """Values of one minute."""

    requests: int = 0
    size: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    latency: Quantiles = field(default_factory=lambda: Quantiles(0, {}))
    paths: Counter[str] = field(default_factory=Counter)
    failing: Counter[str] = field(default_factory=Counter)


def expected(requests: Iterable[Request]) -> dict[int, Measured]:
    """What requests come to."""
    minutes: dict[int, Measured] = {}
    for request in requests:
        minute = minutes.setdefault(request.start, Measured())
        minute.requests += 1
        minute.size += request.size
        minute.statuses[f"{request.status[0]}xx" if request.status[0] in "12345" else "other"] += 1
        if request.milliseconds is not None:
            minute.latency = minute.latency.merge(Quantiles.of([request.milliseconds]))
        path = request.path.encode("latin-1").decode("utf-8", "backslashreplace")
        minute.paths[path] += 1
        if request.status[0] == "5":
            minute.errors += 1
            minute.failing[path] += 1
    return minutes


def by_minute(measurements: Sequence[Measurement], site: str = "shop/") -> dict[int, Measured]:
    """Measurements of one site."""
    minutes: dict[int, Measured] = {}
    for each in measurements:
        minute = minutes.setdefault(each.start, Measured())
        assert each.dimension.startswith(site)
        match each.metric, each.value:
            case AccessMetric.REQUESTS, Count(count):
                minute.requests = count
            case AccessMetric.STATUS, Count(count):
                minute.statuses[each.dimension.removeprefix(site)] = count
            case AccessMetric.ERRORS, Count(count):
                minute.errors = count
            case AccessMetric.BYTES, Sum(total, count):
                assert count
                minute.size = int(total)
            case AccessMetric.LATENCY, Quantiles() as latency:
                minute.latency = latency
            case AccessMetric.PATHS, Top() as top:
                minute.paths = exact(top)
            case AccessMetric.FAILING_PATHS, Top() as top:
                minute.failing = exact(top)
            case other:
                raise AssertionError(other)
    return minutes


def exact(top: Top) -> Counter[str]:
    """All names with their counts."""
    assert top.exact
    return Counter({each.name: each.estimate for each in top.items()})


def measure(content: bytes, name: str = "shop/access.log", limits: Limits | None = None) -> Processed:
    """Processes a file of this content. Its products are read by `bad_lines`."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "source"
    path.write_bytes(content)
    output = folder / "output"
    output.mkdir()
    return process(Input(path, name, "access_log", len(content)), output, limits or Limits())


def bad_lines(processed: Processed) -> list[dict[str, Any]]:
    """The lines in quarantine."""
    for product in processed.quarantined:
        assert product.name == BAD_LINES
        return [json.loads(line) for line in gzip.decompress(product.path.read_bytes()).splitlines()]
    return []
