"""Lines of bytes, of which none is held whole that is longer than lines may be."""

from __future__ import annotations

import msgspec

KEPT = 64 * 1024
"""Bytes of a line that is too long."""


class Overlong(msgspec.Struct, frozen=True):
    """A line, or a value, that is longer than it may be."""

    beginning: bytes
    """Its first `KEPT` bytes."""


Line = bytes | Overlong


def limited(line: bytes, most: int) -> Line:
    """The line, or its beginning if it has more than ``most`` bytes."""
    return line if len(line) <= most else Overlong(line[:KEPT])


class Tail:
    """The line that has no end yet."""

    def __init__(self, most: int) -> None:
        self.size = 0
        self._most = most
        self._parts: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Takes its next bytes, unless there are too many already."""
        if self.size <= max(self._most, KEPT):
            self.size += len(part)
            self._parts.append(part)

    def take(self) -> Line:
        """The line, which ends here."""
        line, size = b"".join(self._parts), self.size
        self.size, self._parts = 0, []
        return line if size <= self._most else Overlong(line[:KEPT])
