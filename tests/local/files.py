"""A small inbox with what came of it, for tests of the demo of file processing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lambdas.file_processing.contract import generation_prefix, quarantine_prefix
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Current, Origin, ProductItem, Version
from local.use_cases.file_processing.samples import COPY, GUIDE, File, Shown
from local.use_cases.file_processing.stack import Catalog

GENERATION = "0A-1"
TIME = "2026-11-26T10:00:00+00:00"


def guide(name: str) -> File:
    return File(name=name, data=b"%PDF", kind="pdf", products=("text.txt",))


def torn(name: str) -> File:
    return File(name=name, data=b"%", kind="pdf", status=Status.REJECTED, reason="damaged_document")


def shown(*files: File) -> list[Shown]:
    return [Shown(name=each.name, file=each, archive=each.name) for each in files]


def current(file: File, **more: Any) -> Current:
    told = {"bucket": "inbox", "object_key": file.name, "sequencer": "0A", "version_id": "v1"} | more
    return Current(file_id=file.name, name=file.name, status=file.status, generation=GENERATION, kind=file.kind, **told)


def version(file: File, **more: Any) -> Version:
    """As it has to be; ``more`` is what is not."""
    prefixes = generation_prefix(file.name, GENERATION), quarantine_prefix(file.name, GENERATION)
    products, bad = (
        tuple(ProductItem(name=each, key=prefix + each, content_type="", bytes=1) for each in names)
        for prefix, names in zip(prefixes, (file.products, file.quarantined), strict=True)
    )
    origin = Origin(file_id=GUIDE, name=GUIDE, version_id="v1") if file.name == COPY else None
    told: dict[str, Any] = {
        "kind": file.kind,
        "status": file.status,
        "bytes": len(file.data),
        "sha256": hashlib.sha256(file.data).hexdigest(),
        "reason_code": file.reason,
        "products": products,
        "quarantined": bad,
        "duplicate_of": origin,
    } | more
    return Version(
        file_id=file.name,
        version_id="v1",
        generation=GENERATION,
        name=file.name,
        media_type="",
        arrived_at=TIME,
        recognized_at=TIME,
        updated_at=TIME,
        **told,
    )


def catalog(*versions: Version, states: Mapping[str, Current] | None = None) -> Catalog:
    files = {
        each.name: current(File(name=each.name, data=b"", kind=each.kind, status=each.status)) for each in versions
    }
    return Catalog(files | dict(states or {}), [], {(each.file_id, each.version_id): each for each in versions})
