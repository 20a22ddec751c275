"""The manifest: the one object that says which segments the index has, and where their files are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Marks(msgspec.Struct, frozen=True):
    """A file that says which documents of a segment are deleted."""

    key: str
    name: str
    """That tantivy knows it by."""
    size: int


class Segment(msgspec.Struct, frozen=True):
    """Some documents, indexed; its files never change, and stand one after the other in one object."""

    key: str
    files: tuple[tuple[str, int], ...]
    """Names that tantivy knows them by, and their sizes, in the object's order."""
    entry: dict[str, Any]
    """What tantivy's ``meta.json`` has of it."""
    marks: Marks | None = None

    @property
    def size(self) -> int:
        """In bytes, all files together."""
        return sum(size for _, size in self.files) + (self.marks.size if self.marks else 0)

    @property
    def keys(self) -> Iterator[str]:
        """Of its objects."""
        yield self.key
        if self.marks:
            yield self.marks.key


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The whole index at one moment."""

    generation: int = 0
    """Raised by each commit."""
    meta: dict[str, Any]
    """tantivy's ``meta.json`` but for its segments: settings, schema, and the number of its last operation."""
    segments: tuple[Segment, ...] = ()
    swept_at: float = 0
    """Unix seconds at which objects that nobody needs were last looked for."""

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(each.size for each in self.segments)

    @property
    def keys(self) -> set[str]:
        """Of all objects that the index consists of."""
        return {key for each in self.segments for key in each.keys}


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Manifest).decode
