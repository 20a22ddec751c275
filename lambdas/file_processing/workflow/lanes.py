"""A lane's answer to "look at this generation": process it, discard it, or tell the index again.

Products are written under a prefix of the generation's own; then one transaction makes them the file's state. Whoever
finds that another generation is shown by now takes back what it wrote. So any step may be killed, repeated or
overtaken, and the end is the same.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from lambdas.file_processing.contract import Metric, generation_prefix, quarantine_prefix
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import SETTLED, Current, ProductItem, Settlement
from lambdas.file_processing.domain.processing import (
    MAX_METADATA_BYTES,
    Input,
    Job,
    Kind,
    Processed,
    Product,
    Rejected,
)
from lambdas.file_processing.ports import Catalog, GoneError, Index, Jobs, Originals, Products, Quarantine


class Effects(Protocol):
    """What a lane does beside products: unpacking announces members, measuring writes metrics."""

    def publish(self, file: Current, processed: Processed) -> None:
        """Makes the effects of a file's shown generation, before it is settled; may be repeated."""

    def retract(self, work: Work) -> None:
        """Takes back all that `publish` has done for a generation, in whole or in part; may be repeated."""


@dataclass(frozen=True)
class Outcome:
    """What a message has led to."""

    metric: Metric
    bad_rows: int = 0
    job: str | None = None


@dataclass(frozen=True)
class LaneWorkflow:
    """The steps over their ports."""

    catalog: Catalog
    originals: Originals
    products: Products
    quarantine: Quarantine
    index: Index
    kinds: Mapping[str, Kind]
    limits: Limits
    effects: Effects | None = None
    jobs: Jobs | None = None
    """None where files that take longer than the function may are rejected."""

    def look(self, work: Work) -> Outcome:
        """Makes the world agree with the catalog about one generation of a file."""
        file = self.catalog.get(work.file_id)
        if file is None or not file.shows(work):
            self._discard(work)
            return Outcome(Metric.DISCARDED)
        if file.status is Status.PROCESSING:
            try:
                return self._process(work, file)
            except GoneError:
                return Outcome(Metric.NO_EFFECT)  # what removed it asks for its products to be discarded
        if file.status is Status.REJECTED:
            self._discard(work)
        if file.status in SETTLED:
            self.index.changed(work.file_id)
        return Outcome(Metric.NO_EFFECT)

    def _discard(self, work: Work) -> None:
        """Effects first: what they were may stand in a product."""
        if self.effects:
            self.effects.retract(work)
        self.products.discard(generation_prefix(work.file_id, work.generation))

    def _process(self, work: Work, file: Current) -> Outcome:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as directory:
            path, output = Path(directory, "original"), Path(directory, "output")
            output.mkdir()
            self.originals.download(file.source, path)
            try:
                processed = self._processed(file, path, output)
                settlement = self._publish(work, file, processed)
            except Rejected as verdict:
                processed = Processed()
                self.quarantine.keep(quarantine_prefix(work.file_id, work.generation), file, verdict)
                settlement = Settlement(
                    status=Status.REJECTED, reason_code=verdict.code, reason_message=verdict.message
                )
        milliseconds = int((time.monotonic() - started) * 1000)
        settlement = msgspec.structs.replace(settlement, milliseconds=milliseconds)
        if not self.catalog.settle(file, settlement):
            return self.look(work)  # something else is shown, or another invocation was faster
        if settlement.status is Status.REJECTED:
            self._discard(work)
        if settlement.status in SETTLED:
            self.index.changed(work.file_id)
        return Outcome(_METRICS[settlement.status], processed.bad_rows, settlement.job)

    def _processed(self, file: Current, path: Path, output: Path) -> Processed:
        kind = self.kinds.get(file.kind or "")
        if kind is None or kind.process is None:
            raise LookupError(
                f"nothing processes files of kind {file.kind!r}: was it deployed with its module in kinds?"
            )
        given = Input(path=path, name=file.name, kind=kind.name, size=file.size, depth=file.depth)
        processed = kind.process(given, output, self.limits)
        if len(msgspec.json.encode(processed.facts)) > MAX_METADATA_BYTES:
            raise ValueError(f"kind {kind.name}: more than {MAX_METADATA_BYTES} bytes of facts belong into a product")
        return processed

    def _publish(self, work: Work, file: Current, processed: Processed) -> Settlement:
        """Writes everything but the catalog."""
        quarantined = _items(processed.quarantined, quarantine_prefix(work.file_id, work.generation))
        for each, item in zip(processed.quarantined, quarantined, strict=True):
            self.quarantine.put(item.key, each.path, each.content_type)
        products = _items(processed.products, generation_prefix(work.file_id, work.generation))
        for each, item in zip(processed.products, products, strict=True):
            self.products.put(item.key, each.path, each.content_type)
        if self.effects:
            self.effects.publish(file, processed)
        job = self._start(work, file, processed.job) if processed.job else None
        return Settlement(
            status=Status.TRANSCODING if job else Status.READY,
            facts=processed.facts,
            products=products,
            quarantined=quarantined,
            job=job,
        )

    def _start(self, work: Work, file: Current, job: Job) -> str:
        """The token makes it one job however often it is started."""
        if self.jobs is None:
            raise Rejected(
                "too_long",
                f"{job.seconds:.0f} s take longer than the function may: switch MediaConvert on in the stack's config, "
                f"or upload shorter files",
            )
        source = f"s3://{file.bucket}/{file.object_key}"
        destination = self.products.uri(generation_prefix(work.file_id, work.generation))
        return self.jobs.start(job, source, destination, f"{work.file_id}/{work.generation}")


def _items(products: Iterable[Product], prefix: str) -> tuple[ProductItem, ...]:
    return tuple(
        ProductItem(
            name=each.name, key=prefix + each.name, content_type=each.content_type, bytes=each.path.stat().st_size
        )
        for each in products
    )


_METRICS = {Status.READY: Metric.READY, Status.REJECTED: Metric.REJECTED, Status.TRANSCODING: Metric.JOBS_STARTED}
