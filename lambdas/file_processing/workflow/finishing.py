"""What becomes of a file when its MediaConvert job has ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.contract import Lane, Metric, generation_prefix, quarantine_prefix
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Current, ProductItem, Settlement
from lambdas.file_processing.domain.media.ended import Ended
from lambdas.file_processing.domain.media.renditions import CONTENT_TYPES
from lambdas.file_processing.ports import Catalog, GoneError, Index, Lanes, Quarantine


class Listing(Protocol):
    """What there is in the products bucket."""

    def listed(self, prefix: str) -> Iterable[tuple[str, int]]:
        """Keys under ``prefix`` and the bytes that they have."""


@dataclass(frozen=True)
class Finishing:
    """Settles files that MediaConvert has transcoded. Events may come twice, late, and of what is gone by now."""

    catalog: Catalog
    products: Listing
    quarantine: Quarantine
    lanes: Lanes
    index: Index

    def finish(self, ended: Ended) -> Metric:
        """Makes the catalog agree; what is not shown any more, or was rejected, the lane is asked to discard."""
        work, file = ended.work, self.catalog.get(ended.work.file_id)
        if file is None or not file.shows(work):
            self.lanes.look(Lane.TRANSCODE, work)
            return Metric.DISCARDED
        if file.status is Status.PROCESSING:
            # The job ended before its lane could note that it had begun, or the lane was killed and will begin anew.
            raise UnavailableError(f"job {ended.job} is not in the catalog yet")
        if file.status is Status.TRANSCODING and (outcome := self._settled(file, ended)):
            return outcome
        self.lanes.look(Lane.TRANSCODE, work)
        return Metric.NO_EFFECT

    def _settled(self, file: Current, ended: Ended) -> Metric | None:
        """None where something else has become of the file meanwhile."""
        if ended.failure:
            return self._reject(file, ended)
        settlement = Settlement(status=Status.READY, expected=Status.TRANSCODING, products=self._products(ended.work))
        if not self.catalog.settle(file, settlement):
            return None
        self.index.changed(file.file_id)
        return Metric.READY

    def _reject(self, file: Current, ended: Ended) -> Metric | None:
        verdict = ended.verdict()
        try:
            self.quarantine.keep(quarantine_prefix(file.file_id, ended.work.generation), file, verdict)
        except GoneError:
            return None
        settlement = Settlement(
            status=Status.REJECTED,
            expected=Status.TRANSCODING,
            reason_code=verdict.code,
            reason_message=verdict.message,
        )
        if not self.catalog.settle(file, settlement):
            return None
        self.lanes.look(Lane.TRANSCODE, ended.work)
        return Metric.REJECTED

    def _products(self, work: Work) -> tuple[ProductItem, ...]:
        """All that there is of the generation: what the function wrote, and the job."""
        prefix = generation_prefix(work.file_id, work.generation)
        return tuple(
            ProductItem(
                name=key.removeprefix(prefix),
                key=key,
                content_type=CONTENT_TYPES[PurePosixPath(key).suffix],
                bytes=size,
            )
            for key, size in self.products.listed(prefix)
        )
