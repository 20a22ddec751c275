"""Plain text in any of the usual encodings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.documents.draft import Clock, Draft, extracted
from lambdas.file_processing.domain.documents.encodings import encoding_of
from lambdas.file_processing.domain.processing import Input, Processed

CHUNK = 64 * 1024


def process(file: Input, output: Path, limits: Limits, clock: Clock = monotonic) -> Processed:
    """The text itself, in UTF-8."""
    return extracted(file, output, limits, clock, _read)


def decoded(path: Path, encoding: str, draft: Draft) -> Iterator[str]:
    """The file's characters, piece by piece, line ends made equal. Raises EnoughError once the time is up."""
    draft.facts["encoding"] = {"cp1252": "windows-1252", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    with path.open(encoding=encoding, errors="replace") as stream:
        while text := stream.read(CHUNK):
            draft.check()
            yield text


def _read(path: Path, draft: Draft) -> None:
    for text in decoded(path, encoding_of(path), draft):
        draft.write_lines(text)
