"""Archives unpacked on local disk, and what came out of them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lambdas.file_processing.contract.limits import ArchiveLimits, Limits
from lambdas.file_processing.domain.archives.unpack import unpack
from lambdas.file_processing.domain.processing import Input, Rejected


@dataclass(frozen=True)
class Result:
    """What came out, read before it is gone."""

    members: dict[str, bytes]
    facts: dict[str, Any]
    paths: list[str]
    """Relative to the output directory."""

    @property
    def skipped(self) -> dict[str, str]:
        """Reasons by name."""
        return {each["name"]: each["reason"] for each in self.facts["skipped_entries"]}


def result_of(
    data: bytes, *, kind: str = "archive_zip", name: str = "in/a.zip", depth: int = 0, **limits: int
) -> Result:
    """Unpacks an archive."""
    with tempfile.TemporaryDirectory() as directory:
        path, output = Path(directory, "original"), Path(directory, "output")
        path.write_bytes(data)
        output.mkdir()
        given = Input(path=path, name=name, kind=kind, size=len(data), depth=depth)
        done = unpack(given, output, Limits(archives=ArchiveLimits(**limits)))
        outside = [each for each in Path(directory).iterdir() if each not in {path, output}]
        assert outside == []
        return Result(
            {each.name: each.path.read_bytes() for each in done.members},
            dict(done.facts),
            [str(each.path.relative_to(output)) for each in done.members],
        )


def verdict_of(data: bytes, **how: Any) -> Rejected:
    """Unpacks an archive that has to be rejected."""
    with pytest.raises(Rejected) as caught:
        result_of(data, **how)
    return caught.value
