"""What nothing else claims: it is catalogued, and nothing is lost."""

from __future__ import annotations

from lambdas.file_processing.domain.probes.signatures import media_type
from lambdas.file_processing.domain.processing import Head, Kind


def is_anything(_: Head) -> bool:
    """Always: the last that is asked."""
    return True


KIND = Kind(name="unknown", media_type=media_type, claims=is_anything, order=100, gzipped=True)
