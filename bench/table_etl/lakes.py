"""Compaction, S3 included but in memory, as a process: `python -m bench.table_etl.lakes <staged file>…`.

A process says what CPU time its imports took, then answers each request with `{one, all, more, rows, row_bytes}`: the
CPU time of three runs, of a single row, of all staged files but the last, and of that one, which changes rows that the
others made; and how many rows of how many bytes of Parquet the run before the last has made.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from bench.table_etl.bill import CHUNK_BYTES, COMPACT_MEMORY_MB, GRACE_HOURS
from lambdas.table_etl.adapters.lake_objects import S3LakeObjects
from lambdas.table_etl.adapters.merger import DuckMerger
from lambdas.table_etl.contract import ROWS_FILE, TOMBSTONES_FILE, staged_key
from lambdas.table_etl.pipelines.orders import PIPELINE
from lambdas.table_etl.workflow.compacting import Compactor

DATASET: Final = "orders"
NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
MAX_MEMORY_MB: Final = COMPACT_MEMORY_MB // 2
"""Of the function's, as its stack shares it out."""


class Bucket:
    """A client of S3 whose one bucket is a dictionary; it counts calls."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.modified: dict[str, datetime] = {}
        self.calls: Counter[str] = Counter()
        self.now = NOW

    def put_object(self, *, Key: str, Body: Any, **_: object) -> Mapping[str, Any]:  # noqa: N803  boto3's names
        """Replaces, too: there is one compactor, so conditions hold."""
        self.calls["PutObject"] += 1
        self.objects[Key] = Body if isinstance(Body, bytes) else Body.read()
        self.modified[Key] = self.now
        return {"ETag": _tag(self.objects[Key])}

    def get_object(self, *, Key: str, **_: object) -> Mapping[str, Any]:  # noqa: N803
        """Raises ClientError for what is not there, as S3 does."""
        self.calls["GetObject"] += 1
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key]), "ETag": _tag(self.objects[Key])}

    def list_objects_v2(self, *, Prefix: str, ContinuationToken: str = "", **_: object) -> Mapping[str, Any]:  # noqa: N803
        """A page of 1,000 keys; the token is the last one of the page before."""
        self.calls["ListObjectsV2"] += 1
        keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > ContinuationToken)
        page = [{"Key": key, "Size": len(self.objects[key]), "LastModified": self.modified[key]} for key in keys[:1000]]
        more = len(keys) > len(page)
        return {"Contents": page, "IsTruncated": more} | ({"NextContinuationToken": page[-1]["Key"]} if more else {})

    def delete_objects(self, *, Delete: Mapping[str, Any], **_: object) -> Mapping[str, Any]:  # noqa: N803
        """Answers without errors."""
        self.calls["DeleteObjects"] += 1
        for each in Delete["Objects"]:
            self.objects.pop(each["Key"], None)
        return {}

    def stage(self, name: str, content: bytes) -> None:
        """What the Load function puts there."""
        key = staged_key(DATASET, date(2026, 11, 25), name)
        self.objects[key], self.modified[key] = content, self.now

    def current(self) -> list[bytes]:
        """Rows, and tombstones, of the newest generation of each day."""
        newest: dict[str, bytes] = {}
        for key in sorted(self.objects):
            for file in (ROWS_FILE, TOMBSTONES_FILE):
                if key.endswith(file):
                    newest[key.split("/")[-3] + file] = self.objects[key]
        return list(newest.values())


def _tag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def compactor(bucket: Bucket) -> Compactor:
    """As the function wires it."""
    return Compactor(
        flows=PIPELINE.flows,
        objects=S3LakeObjects(cast(Any, bucket), "lake"),
        merger=DuckMerger(MAX_MEMORY_MB),
        max_chunk_bytes=CHUNK_BYTES,
        grace=timedelta(hours=GRACE_HOURS),
        now=lambda: bucket.now,
    )


def seconds(bucket: Bucket) -> float:
    """CPU time of one run. Raises RuntimeError unless it has merged everything."""
    gc.collect()
    began = time.process_time()
    outcome = compactor(bucket).run(lambda: 900.0)
    spent = time.process_time() - began
    if outcome.errors or outcome.left:
        raise RuntimeError(f"not everything was compacted: {outcome}")
    return spent


def measured(staged: Sequence[bytes]) -> Mapping[str, float]:
    """The three runs."""
    import pyarrow.parquet as pq  # not the function's: it is none of what starting takes

    one = Bucket()
    one.stage("one", gzip.compress(gzip.decompress(staged[0]).partition(b"\n")[0]))
    lake = Bucket()
    for number, content in enumerate(staged[:-1]):
        lake.stage(str(number), content)
    spent = {"one": seconds(one), "all": seconds(lake)}
    files = lake.current()
    lake.stage("last", staged[-1])
    rows = sum(pq.read_metadata(io.BytesIO(file)).num_rows for file in files)
    return spent | {"more": seconds(lake), "rows": rows, "row_bytes": sum(map(len, files)) / rows}


def serve(paths: Sequence[Path]) -> None:
    """Answers requests until its input ends."""
    import lambdas.table_etl.compact  # noqa: F401  what the function imports on top

    print(json.dumps({"ready": "compaction", "seconds": time.process_time()}), flush=True)
    staged = [path.read_bytes() for path in paths]
    for _ in sys.stdin:
        print(json.dumps(measured(staged)), flush=True)


if __name__ == "__main__":
    serve([Path(path) for path in sys.argv[1:]])
