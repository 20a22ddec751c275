"""All measurements of file processing, each in a module of its own."""

from __future__ import annotations

from bench.file_processing import access_logs, full_text, rows, videos
from bench.harness import Case


def cases() -> dict[str, Case]:
    """By name."""
    return access_logs.cases() | full_text.cases() | rows.cases() | videos.cases()
