"""Whether everything is there that has to be, and nothing else: by what was generated, and what the bucket shows."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

import msgspec
import pyarrow.parquet as pq

from lambdas.file_processing.contract import (
    PRODUCTS_PREFIX,
    QUARANTINE_REASON,
    QUARANTINED_ORIGINAL,
    generation_prefix,
    quarantine_prefix,
)
from lambdas.file_processing.contract.access_logs import QuarantinedLine, manifest_key
from lambdas.file_processing.contract.search import SearchResult
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Version
from lambdas.file_processing.domain.rows.ledger import BadRow
from lambdas.file_processing.domain.totals import Totals
from local.use_cases.file_processing.requests import Log
from local.use_cases.file_processing.samples import COPY, GUIDE, SEARCHES, Shown
from local.use_cases.file_processing.stack import Catalog
from local.use_cases.file_processing.tables import Fault, Table

Read = Callable[[str], bytes]
"""Content of an object of a bucket, by its key."""


class Area(Enum):
    """What a problem is about, and so where the page shows it."""

    CATALOG = "catalog"
    MEDIA = "media"
    SEARCH = "search"
    ROWS = "rows"
    METRICS = "metrics"
    TOTALS = "totals"
    AGAIN = "again"


class Problem(NamedTuple):
    """Something that is not as it should be."""

    area: Area
    text: str


# --- catalog and objects --------------------------------------------------------------------------------------------


def check_catalog(expected: Sequence[Shown], catalog: Catalog) -> Iterator[Problem]:
    """Each file is of its kind and came to its end; the catalog shows no other, and notes what is there twice."""
    for each in expected:
        if each.name not in catalog.files:
            yield Problem(Area.CATALOG, f"{each.name} is missing")
            continue
        version = catalog.version(each.name)
        for what, found, wanted in _facts(each, version):
            if found != wanted:
                yield Problem(Area.CATALOG, f"{each.name}: {what} is {found}, not {wanted}")
    for name in catalog.files.keys() - {each.name for each in expected}:
        yield Problem(Area.CATALOG, f"{name} is shown, and should not be")
    for version in catalog.versions.values():
        over = version.status in {Status.REPLACED, Status.DELETED}
        if over and (version.products or version.quarantined):
            yield Problem(Area.CATALOG, f"a version of {version.name} is {version.status}, and lists products")
    origin = catalog.version(COPY).duplicate_of if COPY in catalog.files else None
    if (origin.name if origin else None) != GUIDE:
        yield Problem(Area.CATALOG, f"{COPY} is not noted as a copy of {GUIDE}, but of {origin}")


def _facts(each: Shown, version: Version) -> list[tuple[str, object, object]]:
    file = each.file
    return [
        ("its kind", version.kind, file.kind),
        ("its status", version.status, file.status),
        ("its reason", version.reason_code, file.reason),
        ("its length", version.bytes, len(file.data)),
        ("its digest", version.sha256, hashlib.sha256(file.data).hexdigest()),
        ("the list of its products", sorted(item.name for item in version.products), sorted(file.products)),
        ("what is bad in it", sorted(item.name for item in version.quarantined), sorted(file.quarantined)),
    ]


def check_objects(catalog: Catalog, products: Mapping[str, str], quarantine: Mapping[str, str]) -> Iterator[Problem]:
    """The buckets hold what the catalog lists, and nothing of files that are replaced, deleted or rejected."""
    listed, bad = set(), set()
    for current in catalog.files.values():
        version = catalog.versions[current.file_id, current.version_id or ""]
        listed |= {item.key for item in version.products}
        bad |= {item.key for item in version.quarantined}
        if current.depth:
            listed.add(current.object_key)
        if current.kind == "access_log":
            listed.add(manifest_key(current.file_id, version.generation))
        if current.status is Status.REJECTED:
            prefix = quarantine_prefix(current.file_id, version.generation)
            bad |= {prefix + QUARANTINED_ORIGINAL, prefix + QUARANTINE_REASON}
    kept = {key for key in products if key.startswith(PRODUCTS_PREFIX)}
    for bucket, there, wanted in (("products", kept, listed), ("quarantine", set(quarantine), bad)):
        yield from (Problem(Area.CATALOG, f"{bucket} bucket: {key} is missing") for key in sorted(wanted - there))
        yield from (Problem(Area.CATALOG, f"{bucket} bucket: nobody lists {key}") for key in sorted(there - wanted))


# --- rows and lines -------------------------------------------------------------------------------------------------


def bad_rows(version: Version, quarantine: Read) -> list[BadRow]:
    """What the quarantine holds of a table."""
    return msgspec.json.Decoder(BadRow).decode_lines(_unpacked(version, quarantine))


def bad_lines(version: Version, quarantine: Read) -> list[QuarantinedLine]:
    """What the quarantine holds of an access log."""
    return msgspec.json.Decoder(QuarantinedLine).decode_lines(_unpacked(version, quarantine))


def _unpacked(version: Version, quarantine: Read) -> bytes:
    return b"".join(gzip.decompress(quarantine(item.key)) for item in version.quarantined)


def check_rows(table: Table, version: Version, found: Sequence[BadRow], products: Read) -> Iterator[Problem]:
    """Every row is either in the product, as it was, or in quarantine, with what is wrong with it."""
    faults = {row.row: Fault(row.column, row.code) for row in found}
    if faults != table.bad or len(found) != len(faults):
        yield Problem(Area.ROWS, f"{version.name}: quarantine has {faults}, not {dict(table.bad)}")
    counts = msgspec.json.decode(version.facts or "{}")
    told = tuple(counts.get(name) for name in ("rows", "valid", "rejected"))
    if told != (table.rows, table.rows - len(table.bad), len(table.bad)):
        yield Problem(Area.ROWS, f"{version.name}: rows, valid and rejected ones are counted {told}")
    good = b"".join(products(item.key) for item in version.products)
    left = pq.read_table(io.BytesIO(good))["id"].to_pylist() if version.kind == "parquet" else good
    if left != table.good:
        yield Problem(Area.ROWS, f"{version.name}: the rows that are left are not the good ones")


def check_lines(log: Log, version: Version, found: Sequence[QuarantinedLine]) -> Iterator[Problem]:
    """Every line is either counted or in quarantine."""
    counts = msgspec.json.decode(version.facts or "{}")
    places = [each.line for each in found]
    if {each.line: each.code.value for each in found} != log.bad or len(places) != len(log.bad):
        yield Problem(Area.ROWS, f"{version.name}: quarantine has lines {places}, not {sorted(log.bad)}")
    if (counts.get("lines"), counts.get("requests")) != (log.lines, log.lines - len(log.bad)):
        yield Problem(Area.ROWS, f"{version.name}: of {log.lines} lines {counts.get('requests')} are counted")


# --- totals and search ----------------------------------------------------------------------------------------------


def recounted(expected: Sequence[Shown], visible: Sequence[tuple[str, int, str]]) -> dict[str, dict[str, Totals]]:
    """Totals by day and prefix, by the bucket's listing and the members of archives."""
    days = {key: day for key, _, day in visible}
    sizes = {key: size for key, size, _ in visible}
    counts: dict[str, dict[str, Counter[str]]] = {}
    for each in expected:
        if each.archive not in days:
            continue
        sums = counts.setdefault(days[each.archive], {}).setdefault(each.prefix, Counter())
        size = sizes[each.name] if each.name == each.archive else len(each.file.data)
        sums.update(files=1, bytes=size, rejects=each.file.status is Status.REJECTED)
        sums[f"kind {each.file.kind}"] += 1
    return {day: {prefix: _totals(sums) for prefix, sums in found.items()} for day, found in counts.items()}


def _totals(sums: Counter[str]) -> Totals:
    kinds = {name.removeprefix("kind "): count for name, count in sums.items() if name.startswith("kind ")}
    return Totals(files=sums["files"], bytes=sums["bytes"], rejects=sums["rejects"], kinds=kinds)


def check_totals(
    wanted: Mapping[str, Mapping[str, Totals]], found: Mapping[str, Mapping[str, Totals]]
) -> Iterator[Problem]:
    """The running totals are those that a recount gives."""
    for day in sorted(wanted.keys() | found.keys()):
        for prefix in sorted(wanted.get(day, {}).keys() | found.get(day, {}).keys()):
            right, told = wanted.get(day, {}).get(prefix), found.get(day, {}).get(prefix)
            if right != told:
                yield Problem(Area.TOTALS, f"{day} {prefix!r}: {told}, and a recount gives {right}")


def check_searches(found: Mapping[str, SearchResult]) -> Iterator[Problem]:
    """Each query finds the files that have its words, and no other."""
    for query, wanted in SEARCHES.items():
        names = {hit.name for hit in found[query].hits}
        if names != wanted or found[query].total != len(wanted):
            yield Problem(Area.SEARCH, f"{query} finds {sorted(names)}, not {sorted(wanted)}")


def check_own_prefix(catalog: Catalog) -> Iterator[Problem]:
    """No path of an archive's member leads out of the archive's own prefix."""
    for current in catalog.files.values():
        parent = next((each for each in catalog.files.values() if each.file_id == current.parent), None)
        prefix = generation_prefix(parent.file_id, parent.generation or "") if parent else ""
        if current.depth and not (parent and current.object_key.startswith(prefix)):
            yield Problem(Area.CATALOG, f"{current.name} is not stored with its archive")
