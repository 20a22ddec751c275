"""What compacts is compared as processes: `python -m bench.table_etl.compactors <name> <staged file>…`.

A process says what it is, then answers each request with `{seconds, digest}`: the CPU time of making sorted Parquet of
the staged files, and, if asked for, a hash of what the Parquet holds, in its order.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lambdas.table_etl.pipelines.orders import ORDERS
from lambdas.table_etl.ports import DayFiles

MAX_MEMORY_MB: Final = 1024
LEVEL: Final = 3
"""Of Zstandard, which DuckDB takes by default, and pyarrow only when told to."""
ROW_GROUP: Final = 122_880
"""Rows; as with the level."""

Compact = Callable[[Sequence[Path], Path, DayFiles], None]


def ours(staged: Sequence[Path], directory: Path, files: DayFiles) -> None:
    """The function's own merging, of the one day that the input has."""
    from lambdas.table_etl.adapters.merger import DuckMerger

    with DuckMerger(MAX_MEMORY_MB).stage(ORDERS, staged, directory) as merging:
        for day in merging.days():
            merging.merge(day, None, files)


def pyarrow(staged: Sequence[Path], directory: Path, files: DayFiles) -> None:  # noqa: ARG001  it spills nothing
    """What one would write with pyarrow: explicit types, the last version by grouping, and a sort."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    decimal, time = pa.decimal128(38, 9), pa.timestamp("us", "UTC")
    line = pa.struct([("sku", pa.string()), ("quantity", pa.int64()), ("unit_price", decimal)])
    own = {name: pa.string() for name in ("customer_id", "order_id")} | {"placed_at": time}
    own |= {"status": pa.string(), "currency": pa.string(), "total": decimal, "articles": pa.int64()}
    own |= {"dearest": pa.string(), "lines": pa.list_(line), "channel": pa.string(), "tags": pa.list_(pa.string())}
    own |= {"attributes": pa.string()}
    shape = {name: pa.string() for name in ("key", "version", "day")} | {"row": pa.struct(own.items())}
    options = pj.ParseOptions(explicit_schema=pa.schema(shape.items()), unexpected_field_behavior="ignore")
    tables = []
    for path in staged:
        with pa.input_stream(str(path), compression="gzip") as stream:
            tables.append(pj.read_json(stream, pj.ReadOptions(block_size=8 * 1024 * 1024), options))
    arrived = pa.concat_tables(tables).combine_chunks()
    places = pa.table({"key": arrived["key"], "version": arrived["version"], "at": pa.array(range(len(arrived)))})
    greatest = places.group_by("key").aggregate([("version", "max")]).rename_columns(["key", "version"])
    newest = arrived.take(greatest.join(places, ["key", "version"], join_type="inner")["at"])
    present = pc.is_valid(newest["row"])
    rows, gone = newest.filter(present), newest.filter(pc.invert(present))
    columns = {"source_key": rows["key"], "source_version": rows["version"]}
    columns |= {name: pc.struct_field(rows["row"], name) for name in own}
    columns["placed_at"] = pc.cast(columns["placed_at"], pa.timestamp("us"))
    order = [(name, "ascending") for name in (*ORDERS.steps.sort_fields, "source_key")]
    written: dict[str, Any] = {"compression": "zstd", "compression_level": LEVEL, "row_group_size": ROW_GROUP}
    pq.write_table(pa.table(columns).sort_by(order), files.rows, **written)
    tombstones = pa.table({"source_key": gone["key"], "source_version": gone["version"]})
    pq.write_table(tombstones.sort_by("source_key"), files.tombstones, **written)


COMPACTORS: dict[str, tuple[str, Compact]] = {"ours": ("duckdb", ours), "pyarrow": ("pyarrow", pyarrow)}
"""By name, the package that does the work, and the work."""


def digest(files: DayFiles) -> str:
    """The same for files that hold the same rows in the same order."""
    import pyarrow.parquet as pq

    hashed = hashlib.sha256()
    for path in (files.rows, files.tombstones):
        for row in pq.read_table(path).to_pylist():
            hashed.update(repr(row).encode())
    return hashed.hexdigest()


def serve(name: str, staged: Sequence[Path]) -> None:
    """Answers requests until its input ends."""
    package, compact = COMPACTORS[name]
    _say({"ready": f"{package} {version(package)}"})
    for line in sys.stdin:
        with TemporaryDirectory() as folder:
            directory = Path(folder)
            files = DayFiles(directory / "rows.parquet", directory / "tombstones.parquet")
            gc.collect()
            began = time.process_time()
            compact(staged, directory, files)
            seconds = time.process_time() - began
            _say({"seconds": seconds, "digest": digest(files) if json.loads(line)["digest"] else None})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], [Path(path) for path in sys.argv[2:]])
