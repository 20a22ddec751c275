"""Loaders of historical files, each as a process: `python -m bench.table_etl.backfillers <name>`.

A process answers `{path}` with `{rows, seconds}`: how many rows of that gzip-compressed JSON Lines file reached the
targets, which forget them, and the CPU time that it took.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


class Forgetful:
    """A target that only counts."""

    def __init__(self) -> None:
        self.rows = 0

    def load(self, loaded: Sequence[Any], _: date) -> None:
        """Takes rows."""
        self.rows += len(loaded)


class Local:
    """A backfill bucket in the file system."""

    def small(self, bucket: str, key: str, version_id: str | None, most: int) -> bytes:
        """Nothing here has a manifest."""
        raise NotImplementedError

    @contextmanager
    def stream(self, task: Any, chunk: int) -> Iterator[Iterator[bytes]]:
        """Content of a file, piece by piece."""
        with Path(task.key).open("rb") as file:
            yield iter(lambda: file.read(chunk), b"")


class Untouched:
    """A quarantine for files without a bad row."""

    def keep(self, lines: Sequence[Any], _: date) -> str:
        """Raises for what comes."""
        raise RuntimeError(f"{lines[0]} was rejected")


def ours() -> Callable[[str], int]:
    """The whole workflow of the Backfill function."""
    from lambdas.table_etl.contract import Form, Limits, Task
    from lambdas.table_etl.domain.transform import Transformer
    from lambdas.table_etl.pipelines.orders import PIPELINE
    from lambdas.table_etl.workflow.backfilling import Backfiller
    from lambdas.table_etl.workflow.loading import Loader

    def run(path: str) -> int:
        target = Forgetful()
        loader = Loader(Transformer(PIPELINE, Limits()), [target], Untouched())
        task = Task(bucket="backfill", key=path, version_id="v", form=Form.JSON, gzip=True, moment=datetime.now(UTC))
        Backfiller(Local(), loader).load(task)
        return target.rows

    return run


def read_whole_file() -> Callable[[str], int]:
    """What one writes first: the file unpacked, its lines parsed, and the rows in a list."""

    def run(path: str) -> int:
        text = gzip.decompress(Path(path).read_bytes()).decode()
        rows = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
        target = Forgetful()
        target.load(rows, datetime.now(UTC).date())
        return target.rows

    return run


LOADERS = {"ours": ours, "read-whole-file": read_whole_file}


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    run = LOADERS[name]()
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        began = time.process_time()
        rows = run(request["path"])
        print(json.dumps({"rows": rows, "seconds": time.process_time() - began}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
