"""ZIP archives, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_TIME = (2026, 11, 1, 12, 0, 0)


def packed(members: Mapping[str, bytes]) -> bytes:
    """An archive; names are taken as they are, wherever they lead."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def crowded(entries: int) -> bytes:
    """An archive of so many empty files."""
    return packed({f"{number:05d}": b"" for number in range(entries)})
