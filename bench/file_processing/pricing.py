"""Measures what processing files takes, and prints the bills of a million and of a hundred million files."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

from rich.table import Table

from bench import monthly
from bench.bill import Line, per_million, total
from bench.file_processing.bill import MIX, Month, Work
from bench.file_processing.samples import IMAGE_BYTES, SAMPLES
from bench.harness import Case, Row
from bench.monthly import MONTHS
from bench.wire import WRITE_UNIT
from lambdas.common.dynamodb import item_size
from lambdas.common.tables.metrics import layout
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input, Measurement
from lambdas.file_processing.kinds import kinds
from prices import prices

CASE: Final = "price"
SLICE: Final = "file_processing"


def cases() -> dict[str, Case]:
    """One case, in a row; the bill itself is a table of its own."""
    return {CASE: _price}


def _price() -> Iterator[Row]:
    works = measured()
    months = {name: Month(files, works, prices()) for name, files in MONTHS.items()}
    monthly.write(SLICE, MIX, works, {name: _bill(month) for name, month in months.items()})
    few, many = (per_million(month.lines(), month.files) for month in months.values())
    note = "ours: a million of 10⁸ a month, theirs: of 10⁶; the bill is below"
    yield Row(CASE, "10⁶", many, few, "$/10⁶ files", few / many, note)


def _bill(month: Month) -> list[Line]:
    lines = month.lines()
    return [*lines, total(lines), *month.options()]


def measured() -> dict[str, Work]:
    """What a file of each kind takes, by the processor of its kind."""
    with TemporaryDirectory() as directory:
        works = {kind: _work(kind, sample(), Path(directory, kind)) for kind, sample in SAMPLES.items()}
    return {"image": Work(lane=None, bytes=IMAGE_BYTES), **works}


def _work(name: str, content: bytes, directory: Path) -> Work:
    kind, path, output = kinds()[name], directory / "original", directory / "output"
    directory.mkdir()
    path.write_bytes(content)
    if kind.process is None or kind.lane is None:
        raise LookupError(f"kind {name} has no processor that could be measured")
    given = Input(path=path, name=name, kind=name, size=len(content))
    seconds = []
    for _ in range(2):  # the first one loads what it needs
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        began = process_time()
        processed = kind.process(given, output, Limits())
        seconds.append(process_time() - began)
    made = [*processed.products, *processed.quarantined]
    return Work(
        lane=kind.lane,
        bytes=len(content),
        seconds=min(seconds),
        products=len(made),
        product_bytes=sum(each.path.stat().st_size for each in made),
        members=len(processed.members),
        measurements=len(processed.measurements),
        measured_units=sum(map(_units, processed.measurements)),
    )


def _units(measurement: Measurement) -> int:
    """Write units of an item, less what its shard's name adds to the key."""
    key = layout.item_key(measurement.metric, measurement.dimension, measurement.start, "")
    return math.ceil(item_size(key | measurement.value.to_attributes()) / WRITE_UNIT)


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bill, if this run has reckoned it."""
    if any(row.case == CASE for row in rows):
        yield monthly.table(SLICE, "archives hold ten texts; clips are of 10 seconds at 1080p, sounds of a minute")
