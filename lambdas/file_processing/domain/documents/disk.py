"""Files on disk for parsers that trust what a file says about places in it."""

from __future__ import annotations

from errno import EINVAL
from io import SEEK_SET, BufferedReader, FileIO
from pathlib import Path


class DiskFile(BufferedReader):
    """Seeking before the beginning, as damaged files make parsers do, is an error of the file and none of the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))

    def seek(self, target: int, whence: int = SEEK_SET, /) -> int:
        """As ever, but for ValueError."""
        try:
            return super().seek(target, whence)
        except OSError as error:
            if error.errno == EINVAL:
                raise ValueError(f"no such place: {target}") from error
            raise
