"""The command that writes OpenAPI documents, and tells whether one has drifted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.__main__ import main
from tools.openapi import document
from tools.openapi.apis import APIS
from tools.openapi.document import text_of


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where documents are kept, of which there are none yet."""
    monkeypatch.setattr(document, "ROOT", tmp_path)
    for name in APIS:
        (tmp_path / "lambdas" / name).mkdir(parents=True)
    return tmp_path


def test_the_command_writes_what_is_missing_and_then_has_nothing_to_do(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["openapi"]) == 0
    assert capsys.readouterr().out.count("written") == len(APIS)
    assert all((root / "lambdas" / name / "openapi.json").read_text() == text_of(name) for name in APIS)
    assert (main(["openapi"]), capsys.readouterr().out) == (0, "")


def test_the_command_writes_one_alone(root: Path) -> None:
    assert main(["openapi", "web_backend"]) == 0
    assert [each.parent.name for each in root.rglob("openapi.json")] == ["web_backend"]


def test_a_check_names_what_has_drifted_with_the_remedy_and_writes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["openapi"])
    drifted = root / "lambdas" / "web_backend" / "openapi.json"
    drifted.write_text("{}")
    assert main(["openapi", "--check"]) == 1
    told = capsys.readouterr().err
    assert str(drifted) in told
    assert "make openapi" in told
    assert drifted.read_text() == "{}"
