"""Tables of any size go through the same memory, and so do rows of any size."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import pytest

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input
from tests.file_processing.tables import VALIDATE, columns, parquet_of, result_of

MB = 1_000_000
NAMED = columns({"name": "n", "type": "integer", "maximum": 2})
TEXT = b"x" * 9_970
File = tuple[str, bytes, bytes, bytes]
"""Kind; what it begins with, what is repeated, what it ends with."""
FILES: dict[str, File] = {
    "rows of CSV": ("csv", b"n,text\n", b"1," + TEXT + b"\n5," + TEXT + b"\n", b""),
    "rows of CSV of two lines": ("csv", b"n,text\n", b'1,"\n' + TEXT + b'"\n', b""),
    "one cell": ("csv", b'n,text\n1,"', TEXT, b'"\n'),
    "an open quote": ("csv", b'n,text\n1,"\n', b"1," + TEXT + b"\n", b""),
    "lines of JSON": ("json_lines", b"", b'{"n":1,"text":"' + TEXT + b'"}\n{"n":5}\n', b""),
    "one line of JSON": ("json_lines", b'{"n":1}\n', TEXT, b"\n"),
    "elements": ("json", b"[{}", b',{"n":1,"text":"' + TEXT + b'"},{"n":5}', b"]"),
    "one element of one text": ("json", b'[{},{"n":"', TEXT, b'"}]'),
    "one element of many": ("json", b'[{},{"n":[0', b',"' + TEXT + b'"', b"]}]"),
    "white space": ("json", b"[{}", b" " * 9_970, b"]"),
}


def peak_of(file: File, megabytes: int) -> int:
    """Bytes that Python held at the most."""
    kind, beginning, repeated, end = file
    with tempfile.TemporaryDirectory() as directory:
        path, output = Path(directory, "original"), Path(directory, "output")
        with path.open("wb") as large:
            large.write(beginning)
            for _ in range(megabytes):
                large.write(repeated * (MB // len(repeated)))
            large.write(end)
        output.mkdir()
        tracemalloc.start()
        try:
            VALIDATE[kind](Input(path=path, name="a", kind=kind, size=1), output, Limits(), NAMED)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_100_mb_take_no_more_memory_than_10_mb(file: File) -> None:
    small = peak_of(file, 10)
    assert peak_of(file, 100) < small + MB
    assert small < 16 * MB


def test_row_groups_of_parquet_that_are_larger_than_memory_are_written_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.file_processing.domain.rows.parquet.MEMORY", "80MiB")
    monkeypatch.setattr("lambdas.file_processing.domain.rows.parquet._GROUP_BYTES", 8 * MB)
    data = parquet_of(
        "SELECT i AS n, md5(i::VARCHAR) || repeat(md5((i + 1)::VARCHAR), 120) AS t FROM range(30000) AS r(i)"
    )
    assert result_of("parquet", data, columns({"name": "n", "type": "integer", "maximum": 9})).facts["valid"] == 10
