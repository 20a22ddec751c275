"""How much may come out of an archive: counted while it comes, since headers say what they like."""

from __future__ import annotations

from lambdas.file_processing.contract.limits import MEBIBYTE, ArchiveLimits
from lambdas.file_processing.domain.processing import Rejected

HARMLESS_BYTES = 16 * MEBIBYTE
"""Unpacked, below which no ratio is too high: a log of one line, repeated, shrinks to a thousandth."""


class Budget:
    """Counts entries and bytes of one archive. Raises Rejected as soon as there are too many."""

    def __init__(self, limits: ArchiveLimits, packed: int) -> None:
        self.spent = 0
        """Bytes that have come out."""
        self._entries = 0
        self._limits = limits
        self._packed = packed

    def count_entry(self) -> None:
        """One more entry, whether it is unpacked or skipped."""
        self._entries += 1
        self.expect_entries(self._entries)

    def expect_entries(self, number: int) -> None:
        """Whether a number that the archive announces is allowed."""
        if number > self._limits.max_entries:
            raise Rejected(
                "too_many_entries",
                f"the archive has more than {self._limits.max_entries} entries; split it into smaller ones",
            )

    def spend(self, length: int) -> None:
        """So many bytes more."""
        self.spent += length
        self.expect_bytes(self.spent)

    def expect_bytes(self, total: int) -> None:
        """Whether a total that the archive announces is allowed."""
        if total > self._limits.max_total_bytes:
            raise Rejected(
                "unpacked_too_large",
                f"more than {self._limits.max_total_bytes} bytes come out of the archive; split it into smaller ones",
            )
        if total > max(HARMLESS_BYTES, self._limits.max_ratio * self._packed):
            raise Rejected(
                "ratio_too_high",
                f"more than {self._limits.max_ratio} bytes come out of each byte of the archive, as of those that are "
                "made to fill disks; upload its files without packing them",
            )
