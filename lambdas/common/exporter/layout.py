"""Where the objects of an export stand, and what the manifests say.

"DynamoDB table export output format" (Amazon DynamoDB Developer Guide); the checksum objects are called ``.md5`` there
in fact, not ``.checksum``.
"""

from __future__ import annotations

from base64 import b32encode, b64encode
from datetime import UTC, datetime
from hashlib import md5, sha256
from typing import Any

import msgspec

FOLDER = "AWSDynamoDB/"
VERSION = "2020-06-30"


class Table(msgspec.Struct, frozen=True):
    """What identifies a table; one that is made anew under the same name has another id."""

    name: str
    arn: str
    id: str


class DataFile(msgspec.Struct, frozen=True, rename="camel"):
    """A line of ``manifest-files.json``."""

    item_count: int
    md5_checksum: str
    etag: str
    key: str = msgspec.field(name="dataFileS3Key")


class Place(msgspec.Struct, frozen=True):
    """Where one export stands."""

    bucket: str
    prefix: str
    export_id: str

    @property
    def root(self) -> str:
        """Prefix of all its keys."""
        return f"{self.prefix}{FOLDER}{self.export_id}/"

    @property
    def data(self) -> str:
        """Prefix of its data files."""
        return f"{self.root}data/"

    @property
    def progress(self) -> str:
        """Key of the object that says how far it is; DynamoDB's exports have none."""
        return f"{self.root}_progress.json"

    def data_key(self, segment: int, number: int) -> str:
        """Key of a data file: 26 characters as DynamoDB has them, always the same for the same file."""
        digest = sha256(f"{self.export_id}/{segment}/{number}".encode()).digest()
        return f"{self.data}{b32encode(digest[:16]).decode().rstrip('=').lower()}.json.gz"


def export_id(began: datetime, table: Table) -> str:
    """14 digits of Unix milliseconds, a dash, and 8 hexadecimal digits that tell tables apart."""
    millis = int(began.timestamp() * 1000)
    return f"{millis:014d}-{sha256(f'{table.id}{millis}'.encode()).hexdigest()[:8]}"


def checksum(content: bytes) -> str:
    """MD5, in base64."""
    return b64encode(md5(content, usedforsecurity=False).digest()).decode()


def summary(place: Place, table: Table, began: datetime, ended: datetime, items: int, size: int) -> dict[str, Any]:
    """Content of ``manifest-summary.json``; ``size`` in bytes as DynamoDB bills them."""
    return {
        "version": VERSION,
        "exportArn": f"{table.arn}/export/{place.export_id}",
        "startTime": _time(began),
        "endTime": _time(ended),
        "tableArn": table.arn,
        "tableId": table.id,
        "exportTime": _time(began),
        "s3Bucket": place.bucket,
        "s3Prefix": place.prefix.removesuffix("/") or None,
        "s3SseAlgorithm": None,
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{place.root}manifest-files.json",
        "billedSizeBytes": size,
        "itemCount": items,
        "outputFormat": "DYNAMODB_JSON",
        "exportType": "FULL_EXPORT",
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
