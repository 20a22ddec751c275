"""What the manifests of a DynamoDB export say ("DynamoDB table export output format", Developer Guide).

::

    prefix/AWSDynamoDB/01693685827463-2d8752fd/manifest-summary.json   written last
    prefix/AWSDynamoDB/01693685827463-2d8752fd/manifest-files.json
    prefix/AWSDynamoDB/01693685827463-2d8752fd/data/….json.gz          of a full export
    prefix/AWSDynamoDB/data/….json.gz                                  of incremental ones
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from lambdas.table_etl.contract import Form, ReasonCode, Task
from lambdas.table_etl.domain.history.files import Dropped
from lambdas.table_etl.domain.rejection import Rejected

MOST_BYTES = 64 * 1024 * 1024
"""Of a manifest: 250,000 files."""

_FOLDER = "AWSDynamoDB/"
_JSON = "DYNAMODB_JSON"
_GZIP = ".gz"

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Summary(msgspec.Struct, rename="camel"):
    output_format: str
    manifest_files_s3_key: str
    export_time: Moment | None = None
    """Of a full export."""
    export_to_time: Moment | None = None
    """Of an incremental one: its items are as they were just before."""


class _DataFile(msgspec.Struct, rename="camel"):
    item_count: int
    data_file_s3_key: str


class Export(msgspec.Struct, frozen=True):
    """What ``manifest-summary.json`` says."""

    moment: datetime
    """As of when its items are."""
    listing: str
    """Key of ``manifest-files.json``."""


def export(summary: Dropped, content: bytes) -> Export:
    """Raises Rejected for what is no summary of an export, or of one in Amazon Ion."""
    try:
        found = msgspec.json.decode(content, type=_Summary)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(ReasonCode.BAD_MANIFEST, f"no summary of a DynamoDB export: {error}") from error
    if found.output_format != _JSON:
        raise Rejected(
            ReasonCode.UNSUPPORTED_FILE, f"the export is in {found.output_format}: export the table in {_JSON}"
        )
    moment = found.export_time or found.export_to_time
    if moment is None:
        raise Rejected(ReasonCode.BAD_MANIFEST, "the summary has neither exportTime nor exportToTime")
    return Export(moment, _beside(summary.key, found.manifest_files_s3_key))


def tasks(summary: Dropped, export: Export, listing: bytes) -> list[Task]:
    """One for each data file that has items, out of the lines of ``manifest-files.json``. Raises Rejected."""
    try:
        files = msgspec.json.Decoder(_DataFile).decode_lines(listing)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(ReasonCode.BAD_MANIFEST, f"{export.listing}: {error}") from error
    return [
        Task(
            bucket=summary.bucket,
            key=_beside(summary.key, each.data_file_s3_key),
            version_id="",
            form=Form.EXPORT,
            gzip=each.data_file_s3_key.endswith(_GZIP),
            moment=export.moment,
        )
        for each in files
        if each.item_count
    ]


def _beside(summary_key: str, listed: str) -> str:
    """Where an object that a manifest names stands: exports may have been copied to another bucket or prefix.

    Raises:
        Rejected: it is no object of an export.
    """
    _, folder, rest = listed.rpartition(_FOLDER)
    if not folder:
        raise Rejected(ReasonCode.BAD_MANIFEST, f"a manifest names {listed!r}, which is not under {_FOLDER}")
    return summary_key[: summary_key.rindex(_FOLDER)] + folder + rest
