"""The Extract function's kinds: each is recognised, and comes to the processor that gives its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input
from lambdas.file_processing.kinds import kinds
from tests.file_processing.documents import docx, pdf, shown

FILES = {
    "pdf": pdf(shown("Hello")),
    "office": docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>"),
    "html": b"<!DOCTYPE html><p>Hello</p>",
    "markdown": b"**Hello**",
    "text": b"Hello",
}


def test_every_kind_of_the_lane_is_tested_here() -> None:
    assert {name for name, kind in kinds().items() if kind.lane is Lane.EXTRACT} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_each_kind_gives_its_text(name: str, tmp_path: Path) -> None:
    path, output = tmp_path / "content", tmp_path / "output"
    path.write_bytes(FILES[name])
    output.mkdir()
    process = kinds()[name].process
    assert process
    done = process(Input(path=path, name="a", kind=name, size=len(FILES[name])), output, Limits())
    assert [(each.name, each.path.read_bytes()) for each in done.products] == [("text.txt", b"Hello")]
