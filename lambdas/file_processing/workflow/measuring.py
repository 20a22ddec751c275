"""What a lane does with measurements: writes them to the table of metrics, and finds them again to take them back.

A generation of a file is a shard of the table, so that items are written with equal values however often. Which they
are is written to a manifest first: whoever discards the generation reads there which items there may be. The manifest
itself stays: an invocation that was overtaken may still write items after others have deleted them, and whoever takes
up its message must find them, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from lambdas.file_processing.contract.access_logs import manifest_key
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.domain.catalog import Current
from lambdas.file_processing.domain.processing import Processed
from lambdas.file_processing.ports import Metrics, Products


@dataclass(frozen=True)
class Measuring:
    """`Effects` of the lane that measures."""

    metrics: Metrics
    products: Products

    def publish(self, file: Current, processed: Processed) -> None:
        """Writes the manifest, then the items."""
        work = Work(file_id=file.file_id, generation=file.generation or "")
        keys = [(each.metric, each.dimension, each.start) for each in processed.measurements]
        self.products.write(_manifest(work), msgspec.json.encode(keys), "application/json")
        self.metrics.write(_shard(work), processed.measurements)

    def retract(self, work: Work) -> None:
        """Deletes the items that the manifest lists; without one, none has been written."""
        manifest = self.products.read(_manifest(work))
        if manifest is not None:
            self.metrics.delete(_shard(work), msgspec.json.decode(manifest, type=list[tuple[str, str, int]]))


def _manifest(work: Work) -> str:
    return manifest_key(work.file_id, work.generation)


def _shard(work: Work) -> str:
    return f"{work.file_id}-{work.generation}"
