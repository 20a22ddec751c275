"""Files without a byte."""

from __future__ import annotations

from lambdas.file_processing.domain.processing import Head, Kind


def is_empty(head: Head) -> bool:
    """Whether there is nothing in it."""
    return head.size == 0


KIND = Kind(name="empty", media_type="application/x-empty", claims=is_empty, order=1)
