"""How far an export is, as an object beside its manifests."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from lambdas.common.exporter.layout import DataFile, Table

Key = Mapping[str, Mapping[str, Any]]
"""Key attributes as boto3's client has them: ``{"pk": {"S": "a"}}``, binary values as bytes."""


class Segment(msgspec.Struct):
    """A part of the table, and what is in data files of it."""

    last: dict[str, dict[str, Any]] | None = None
    """Key of the last item."""
    done: bool = False
    files: list[DataFile] = []
    items: int = 0
    size: int = 0
    """Bytes of the items, as DynamoDB counts them."""

    def add(self, file: DataFile, size: int, last: Key | None) -> None:
        """Takes a data file that has been written; ``last`` is None where it is the segment's last one."""
        self.files.append(file)
        self.items += file.item_count
        self.size += size
        self.last = None if last is None else {name: dict(value) for name, value in last.items()}
        self.done = last is None


class Progress(msgspec.Struct):
    """An export that has begun."""

    table: Table
    export_id: str
    began: datetime
    segments: list[Segment]
    ended: datetime | None = None
    """When the last data file was written."""
    complete: bool = False
    """Whether the manifests are written."""

    @property
    def items(self) -> int:
        """In data files."""
        return sum(segment.items for segment in self.segments)

    @property
    def size(self) -> int:
        """Bytes of the items, as DynamoDB counts them."""
        return sum(segment.size for segment in self.segments)

    @property
    def done(self) -> int:
        """How many segments are."""
        return sum(segment.done for segment in self.segments)

    @property
    def files(self) -> list[DataFile]:
        """All data files."""
        return [file for segment in self.segments for file in segment.files]

    def encode(self) -> bytes:
        """As JSON; binary values in base64."""
        return msgspec.json.encode(self)


def decode(content: bytes) -> Progress:
    """The other way round. Raises msgspec.DecodeError."""
    progress = msgspec.json.decode(content, type=Progress)
    for segment in progress.segments:
        for value in (segment.last or {}).values():
            if "B" in value:
                value["B"] = b64decode(value["B"])
    return progress
