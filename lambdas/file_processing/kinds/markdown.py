"""Text with Markdown's marks."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.prose import is_markdown
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.documents.markdown import process

    return process(source, output, limits)


KIND = Kind(
    name="markdown",
    media_type="text/markdown",
    claims=is_markdown,
    order=56,
    lane=Lane.EXTRACT,
    process=_process,
)
