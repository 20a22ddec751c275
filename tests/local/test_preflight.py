"""What is said when a tool that the project cannot install is missing or too old."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import preflight
from local.environment import ROOT

PRESENT = (3, 11, 0)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on the PATH, with a Node.js and an npm that suffice."""
    directory = tmp_path / "tools"
    directory.mkdir()
    put_tool(directory, "node", "echo v20.0.0")
    put_tool(directory, "npm", "echo 10.0.0")
    monkeypatch.setenv("PATH", str(directory))
    return directory


def put_tool(directory: Path, name: str, script: str) -> None:
    tool = directory / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


@pytest.mark.usefixtures("tools")
def test_nothing_is_said_where_everything_is_there() -> None:
    assert preflight.problems(PRESENT) == []


@pytest.mark.usefixtures("tools")
def test_an_old_python_is_named_with_the_remedy() -> None:
    (problem,) = preflight.problems((3, 10, 12))
    assert "Python 3.10 is too old" in problem
    assert "make PYTHON=python3.11" in problem


@pytest.mark.usefixtures("tools")
def test_a_python_without_venv_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    (problem,) = preflight.problems(PRESENT)
    assert "apt-get install python3-venv" in problem


def test_a_missing_node_is_named_with_the_remedy(tools: Path) -> None:
    (tools / "node").unlink()
    (problem,) = preflight.problems(PRESENT)
    assert problem.startswith("Node.js")
    assert "missing" in problem
    assert "install Node.js 20" in problem


def test_an_old_node_is_named_with_its_version(tools: Path) -> None:
    put_tool(tools, "node", "echo v18.19.1")
    (problem,) = preflight.problems(PRESENT)
    assert problem.startswith("Node.js 18.19.1 is too old: install Node.js 20")


def test_a_node_that_tells_no_version_is_a_problem(tools: Path) -> None:
    put_tool(tools, "node", "exit 1")
    (problem,) = preflight.problems(PRESENT)
    assert "does not tell its version" in problem


def test_a_missing_npm_is_named_with_the_remedy(tools: Path) -> None:
    (tools / "npm").unlink()
    (problem,) = preflight.problems(PRESENT)
    assert problem.startswith("npm")
    assert "apt-get install npm" in problem


def test_the_script_parses_under_an_old_python() -> None:
    source = Path(preflight.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {"importlib.util", "re", "shutil", "subprocess", "sys"}
    # `from __future__ import annotations` does not exist before 3.7, nor do the generics of 3.9 outside quotes.
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and ast.unparse(node).startswith("list")
    ]


@pytest.fixture
def fresh_clone(tmp_path: Path, tools: Path) -> Path:
    """A checkout that nothing has been set up in, and the few commands that make itself needs."""
    clone = tmp_path / "clone"
    (clone / "local").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", clone)
    shutil.copy(ROOT / "local" / "preflight.py", clone / "local")
    for name in ("requirements.txt", "requirements-dev.txt", "package.json", "package-lock.json"):
        (clone / name).touch()
    for command in ("sh", "mkdir"):
        (tools / command).symlink_to(f"/bin/{command}")
    (tools / "python3").symlink_to(sys.executable)
    return clone


def make(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make", path=os.defpath)
    assert program
    return subprocess.run([program, "--silent", *arguments], cwd=directory, capture_output=True, text=True, check=False)


def test_make_stops_with_2_before_it_sets_anything_up(fresh_clone: Path, tools: Path) -> None:
    (tools / "npm").unlink()
    ended = make(fresh_clone, "demo")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[0].startswith("npm, which installs the AWS CDK CLI, is missing")
    assert not (fresh_clone / ".venv").exists()


def test_make_says_that_python_is_missing(fresh_clone: Path) -> None:
    ended = make(fresh_clone, "test", "PYTHON=python3.99")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[0].startswith("python3.99 is missing: install Python 3.11 or newer")
