"""What a file may be, checked before it costs anything."""

from __future__ import annotations

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
MEBIBYTE = 1024 * 1024


class ArchiveLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Beyond one of these an archive is rejected whole, before or while it is opened, or before its members are shown.

    Raises:
        ValueError: one archive might hold more than all together.
    """

    max_entries: Positive = 1_000
    max_total_bytes: Positive = 2 * 1024 * MEBIBYTE
    max_ratio: Positive = 200
    """Unpacked bytes to packed ones; above it lies what is made to fill disks."""
    max_depth: Positive = 3
    """Archives within archives."""
    max_all_members: Positive = 10_000
    """Files that come out of one upload: of an archive, and of all archives within it. Which of those are rejected when
    there are too many is a matter of which are opened first."""
    max_all_bytes: Positive = 10 * 1024 * MEBIBYTE
    """Of those files."""

    def __post_init__(self) -> None:
        for one, every in (("max_entries", "max_all_members"), ("max_total_bytes", "max_all_bytes")):
            if getattr(self, one) > getattr(self, every):
                raise ValueError(
                    f"archives.{one} of {getattr(self, one)} would let one archive hold more than all that may come "
                    f"out of an upload: raise {every}, which is {getattr(self, every)}"
                )


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One MP4: H.264 scaled down to this many lines, never up, and AAC."""

    name: str
    height: Annotated[int, msgspec.Meta(ge=144, le=2160)]
    crf: Annotated[int, msgspec.Meta(ge=0, le=51)] = 23
    """x264's constant rate factor: less is better and bigger."""


class MediaLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is transcoded, and what of it in the function."""

    renditions: tuple[Rendition, ...] = (Rendition(name="720p", height=720), Rendition(name="360p", height=360))
    max_function_seconds: Positive = 180
    """Of video at 1080p and 30 frames a second; others count by their pixels. Longer ones go to MediaConvert."""
    max_seconds: Positive = 4 * 60 * 60
    """Of anything; longer ones are rejected."""
    max_pixels: Positive = 8192 * 4320
    """Of one frame."""
    strip_frames: Annotated[int, msgspec.Meta(ge=2, le=64)] = 8
    """Frames side by side in the preview strip."""


class DocumentLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a document is read; what is beyond is left out of the text, and the catalog says so."""

    max_bytes: Positive = 100 * MEBIBYTE
    """Of the file; bigger ones are rejected."""
    max_html_bytes: Positive = 24 * MEBIBYTE
    """Of HTML, whose tags are held whole: one tag of nothing but attributes takes 35 times its bytes."""
    max_depth: Positive = 20_000
    """Of HTML's elements within elements; each end tag may be compared with all that are open."""
    max_pages: Positive = 2_000
    max_text_bytes: Positive = 8 * MEBIBYTE
    max_seconds: Positive = 90


class RowLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one row may be."""

    max_row_bytes: Positive = MEBIBYTE
    max_columns: Positive = 1_000


class LogLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one access log may be."""

    max_line_bytes: Positive = 64 * 1024
    max_unpacked_bytes: Positive = 4 * 1024 * MEBIBYTE
    max_minutes: Positive = 11_520
    """Different minutes in one file: eight days, since what rotates logs weekly may come some hours late."""


class IndexLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How large the full-text index may be."""

    max_text_bytes: Positive = MEBIBYTE
    """Of one document; words beyond are not found."""
    max_bytes: Positive = 1024 * MEBIBYTE
    """Of the whole index; from then on files with text are not added. Readers have a copy in their temporary directory,
    and for a moment two; the writer needs three times as much, while it merges."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """All limits; each lane reads its own."""

    max_bytes: Annotated[int, msgspec.Meta(ge=1, le=9 * 1024 * MEBIBYTE)] = 4 * 1024 * MEBIBYTE
    """Of any file; bigger ones are rejected unread. Lanes hold a file and its products in their temporary directory,
    which has 10 GiB at the most; Validate may write as much as it reads."""
    archives: ArchiveLimits = ArchiveLimits()
    media: MediaLimits = MediaLimits()
    documents: DocumentLimits = DocumentLimits()
    rows: RowLimits = RowLimits()
    logs: LogLimits = LogLimits()
