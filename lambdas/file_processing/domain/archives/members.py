"""Members on their way to local disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lambdas.file_processing.domain.archives.budget import Budget
from lambdas.file_processing.domain.archives.names import Names, safe_name
from lambdas.file_processing.domain.processing import Fact, Unpacked

_LISTED = 50
"""Skipped entries that the catalog lists; it counts the others. Names that are all quotes are twice as long in JSON,
and `MAX_METADATA_BYTES` holds this many of those."""


class Members:
    """Writes what an archive holds to files that are called by numbers: no name of it is ever a path here."""

    def __init__(self, directory: Path, budget: Budget) -> None:
        self.budget = budget
        self.written: list[Unpacked] = []
        self._directory = directory
        self._names = Names()
        self._skipped: list[Fact] = []
        self._skips = 0

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Writes one regular file."""
        path = self._directory / f"{len(self.written) + 1:06}"
        with path.open("xb") as file:
            file.writelines(content)
        self.written.append(Unpacked(path, self._names.unique(name)))

    def skip(self, name: str, reason: str) -> None:
        """Notes what is no regular file."""
        self._skips += 1
        if len(self._skipped) < _LISTED:
            self._skipped.append({"name": safe_name(name), "reason": reason})

    def facts(self) -> dict[str, Fact]:
        """For the catalog."""
        return {
            "members": len(self.written),
            "unpacked_bytes": self.budget.spent,
            "skipped": self._skips,
            "skipped_entries": self._skipped,
        }
