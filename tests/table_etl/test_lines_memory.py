"""Files of any size go through little memory, and so do lines of any size."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterable, Iterator

import pytest

from lambdas.table_etl.contract import Form, Limits, ReasonCode
from lambdas.table_etl.domain.history.rows import Row, rows
from tests.table_etl.filing import bad, good, task

MB = 1_000_000
LIMITS = Limits(max_line_bytes=500_000, max_expansion=2_000)
JSON_ROW = b'{"n":1,"text":"' + b"x" * 9_982 + b'"}\n'
CSV_ROW = b"1," + b"x" * 9_997 + b"\n"
File = tuple[Form, bytes, bytes, bytes, int]
"""Its form; what it begins with, what is repeated, what it ends with; how many rows that makes."""
FILES: dict[str, File] = {
    "rows": (Form.JSON, b"", JSON_ROW, b"", 20_000),
    "rows of CSV": (Form.CSV, b"n,text\n", CSV_ROW, b"", 20_000),
    "one line": (Form.JSON, JSON_ROW, b"x", b"\n" + JSON_ROW, 3),
    "one cell": (Form.CSV, b'n\n1\n2"', b"x", b'"\n3\n', 3),
    "an open quote": (Form.CSV, b'n,text\n1,"\n', CSV_ROW, b"", 20_001),
}


def stored(beginning: bytes, repeated: bytes, end: bytes, megabytes: int = 200) -> Iterator[bytes]:
    """A file that is never in memory as a whole."""
    block = memoryview(repeated * (MB // len(repeated)))
    yield beginning
    for _ in range(megabytes):
        yield bytes(block)  # its own memory each time
    yield end


def packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same as a gzip file."""
    packer = zlib.compressobj(1, wbits=31)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def counted(found: Iterable[object]) -> tuple[int, int]:
    """How many there are, and how many bytes were held at most while they went by."""
    tracemalloc.start()
    count = sum(1 for _ in found)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_200_mb_take_no_more_memory_than_a_few_lines(file: File, *, gzip: bool) -> None:
    form, beginning, repeated, end, expected = file
    plain = stored(beginning, repeated, end)
    chunks = packed(plain) if gzip else plain
    count, peak = counted(rows(task(form, gzip=gzip), chunks, LIMITS))
    assert count == expected
    assert peak < 8 * MB


def test_a_row_of_5_gb_is_rejected_in_little_memory_and_its_neighbours_are_not() -> None:
    line = JSON_ROW.removesuffix(b"\n")
    found: list[Row] = []

    def kept() -> Iterator[Row]:
        for row in rows(task(), stored(line + b"\n2", b"x", b"\n" + line, 5_000), Limits()):
            found.append(row)
            yield row

    _, peak = counted(kept())
    assert (good(found), bad(found)) == ([line, line], [(ReasonCode.TOO_BIG, 2)])
    assert peak < 32 * MB
