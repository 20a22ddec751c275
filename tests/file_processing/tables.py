"""Tables on local disk, and what their rows came to."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from lambdas.file_processing.contract.limits import Limits, RowLimits
from lambdas.file_processing.domain.processing import Input, Processed
from lambdas.file_processing.domain.rows import csv as csv_rows
from lambdas.file_processing.domain.rows import json as json_rows
from lambdas.file_processing.domain.rows import json_lines, parquet
from lambdas.file_processing.domain.rows.specs import Named, Spec

Bad = dict[str, Any]

VALIDATE: Mapping[str, Callable[[Input, Path, Limits, Named | None], Processed]] = {
    "csv": csv_rows.validate,
    "json": json_rows.validate,
    "json_lines": json_lines.validate,
    "parquet": parquet.validate,
}


@dataclass(frozen=True)
class Result:
    """What came of a table, read before it is gone."""

    facts: Mapping[str, Any]
    valid: bytes
    bad: list[Bad]
    quarantined: dict[str, bytes]

    @property
    def cells(self) -> list[list[str]]:
        """Of the valid rows of CSV, without the header."""
        return list(csv.reader(io.StringIO(self.valid.decode(), newline="")))[1:]

    @property
    def lines(self) -> list[bytes]:
        """Of the valid rows of JSON."""
        return self.valid.splitlines()

    @property
    def problems(self) -> set[tuple[int, str, str]]:
        """Row, column and code of each problem."""
        return {(row["row"], each["column"], each["code"]) for row in self.bad for each in (row, *row.get("more", ()))}

    @property
    def raws(self) -> list[str]:
        """Texts of the bad rows."""
        return [row["raw"] for row in self.bad]


def spec(name: str = "test", **what: Any) -> Named:
    """A spec as its file would have it."""
    return Named(name, msgspec.json.decode(json.dumps({"prefix": "", **what}), type=Spec))


def columns(*declared: dict[str, Any], additional: bool = True) -> Named:
    """A spec by columns."""
    return spec(columns=declared, additional=additional)


def result_of(kind: str, data: bytes, named: Named | None = None, **limits: int) -> Result:
    """Parts the rows of a table."""
    with tempfile.TemporaryDirectory() as directory:
        path, output = Path(directory, "original"), Path(directory, "output")
        path.write_bytes(data)
        output.mkdir()
        given = Input(path=path, name="in/table", kind=kind, size=len(data))
        done = VALIDATE[kind](given, output, Limits(rows=RowLimits(**limits)), named)
        quarantined = {each.name: each.path.read_bytes() for each in done.quarantined}
        bad = gzip.decompress(quarantined.get("rows.jsonl.gz", gzip.compress(b""))).splitlines()
        (product,) = done.products
        result = Result(done.facts, product.path.read_bytes(), [json.loads(line) for line in bad], quarantined)
    assert done.facts["rows"] == done.facts["valid"] + done.facts["rejected"]  # type: ignore[operator]
    assert len(bad) == done.facts["rejected"] == done.bad_rows
    return result


def parquet_of(query: str) -> bytes:
    """What DuckDB writes of a query's rows."""
    with tempfile.TemporaryDirectory() as directory:
        duckdb.execute(f"COPY ({query}) TO '{directory}/a' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        return Path(directory, "a").read_bytes()


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    """Rows of a Parquet file."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "a").write_bytes(data)
        return duckdb.execute(f"FROM read_parquet('{directory}/a')").fetchall()
