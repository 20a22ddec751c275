"""Names of members, made safe: an archive may call them what it likes."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

MAX_PART_BYTES = 200
MAX_NAME_BYTES = 500
"""In UTF-8; together with an archive's own key it stays short enough to be listed and indexed."""
_DRIVE = re.compile(r"(?:[\\/]{2}[?.][\\/])?[A-Za-z]:(?=[\\/]|$)")
_TRICKS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, line ends, what turns the direction of writing, and halves of characters."""


class Names:
    """Hands out each name once."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        """And how often it was asked for."""

    def unique(self, raw: str) -> str:
        """A relative path without ``..``, with a number in it where others were called the same."""
        wanted = name = safe_name(raw)
        path = PurePosixPath(wanted)
        while name in self._taken:
            self._taken[wanted] += 1
            name = str(path.with_name(f"{path.stem} ({self._taken[wanted]}){path.suffix}"))
        self._taken[name] = 1
        return name


def safe_name(raw: str) -> str:
    """The name as a relative path of harmless characters; what leads out of the archive is left out of it."""
    drive = _DRIVE.match(raw)
    parts = [_part(part) for part in re.split(r"[\\/]", raw[drive.end() if drive else 0 :])]
    name = "/".join(part for part in parts if part not in {"", ".", ".."}) or "unnamed"
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    return _shortened(name.replace("/", "_"), MAX_NAME_BYTES, raw)


def _part(part: str) -> str:
    visible = _TRICKS.sub("_", part).strip(" ")
    return visible if len(visible.encode()) <= MAX_PART_BYTES else _shortened(visible, MAX_PART_BYTES, part)


def _shortened(name: str, limit: int, raw: str) -> str:
    """The beginning, something that tells it from others, and the suffix."""
    mark = "~" + hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    room = limit - len(mark) - len(suffix.encode())
    return name.encode()[:room].decode(errors="ignore") + mark + suffix
