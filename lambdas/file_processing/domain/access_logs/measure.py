"""The processor of access logs: metrics per minute, and the lines that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from gzip import GzipFile
from itertools import chain
from pathlib import Path

from lambdas.file_processing.contract.access_logs import BAD_LINES
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.tables import prefix_of
from lambdas.file_processing.domain.access_logs.blocks import Overlong, blocks, is_gzip
from lambdas.file_processing.domain.access_logs.formats import format_of
from lambdas.file_processing.domain.access_logs.reading import Reader
from lambdas.file_processing.domain.access_logs.tally import Tally
from lambdas.file_processing.domain.processing import HEAD_BYTES, Fact, Input, Processed, Product, Rejected


def process(source: Input, output: Path, limits: Limits) -> Processed:
    """Counts the lines of an access log. Raises Rejected if none can be read."""
    found = blocks(source.path, limits.logs)
    first = next(found, b"")
    dialect = None if isinstance(first, Overlong) else format_of(first[:HEAD_BYTES])
    if dialect is None:
        raise Rejected(
            "unknown_format",
            "the lines are none of an access log of S3, CloudFront, an Application Load Balancer, or in the common or "
            "combined log format: look at the first ones",
        )
    tally = Tally(limits.logs.max_minutes)
    bad = Product(BAD_LINES, output / BAD_LINES, "application/gzip")
    with bad.path.open("wb") as file, GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        reader = Reader(dialect, tally, packed)
        _read(reader, chain([first], found))
    rejected = reader.rejected.total()
    if rejected and not reader.counted:
        raise Rejected("no_line_readable", f"of {rejected} lines none could be read; the first: {reader.first_message}")
    measurements = tuple(tally.measurements(prefix_of(source.name)))
    return Processed(
        facts={"format": dialect.name, "gzip": is_gzip(source.path), **_facts(reader, tally)},
        quarantined=(bad,) if rejected else (),
        bad_rows=rejected,
        measurements=measurements,
    )


def _read(reader: Reader, found: Iterable[bytes | Overlong]) -> None:
    for block in found:
        reader.take(block)


def _facts(reader: Reader, tally: Tally) -> dict[str, Fact]:
    minutes = tally.minutes
    classes: Counter[str] = Counter()
    for minute in minutes.values():
        classes.update(minute.classes())
    rejected = reader.rejected.total()
    return {
        "lines": reader.counted + rejected,
        "rejected": rejected,
        "rejected_by_reason": dict(sorted(reader.rejected.items())),
        "first_minute": _text(min(minutes)) if minutes else None,
        "last_minute": _text(max(minutes)) if minutes else None,
        "minutes": len(minutes),
        "requests": reader.counted,
        "bytes": sum(minute.size for minute in minutes.values()),
        "statuses": dict(sorted(classes.items())),
    }


def _text(start: int) -> str:
    return f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%MZ}"
