"""What is imported only when a file of some kind comes is there on Lambda, though no start of a function shows it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.domain.probes import signatures
from lambdas.file_processing.domain.processing import Kind
from lambdas.file_processing.kinds import kinds
from tests.file_processing.stacks import LANES, RECOGNIZE
from tests.support.assets import Function, functions, modules_imported_by, third_party
from tests.support.synthesis import Assembly
from tests.test_cold_start import COMMON

pytestmark = pytest.mark.xdist_group("assets")

PROCESSED = {name: kind for name, kind in kinds().items() if kind.lane}


@pytest.fixture(scope="module")
def uploaded(bundled: Callable[[str], Assembly]) -> Mapping[str, Function]:
    """Functions as they are uploaded, by name."""
    return {function.name: function for function in functions(bundled("local"))}


def _imported_when_called(source: object) -> list[str]:
    """Dotted names of what stands in import statements within functions."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(source)))  # type: ignore[arg-type]
    return [
        f"{node.module}.{alias.name}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def _imports(function: Function, name: str, directory: Path) -> set[str]:
    """Third-party packages that importing ``name`` brings, from the function's assets alone."""
    return third_party(modules_imported_by(replace(function, handler=name), directory))


@pytest.mark.parametrize("kind", PROCESSED.values(), ids=PROCESSED)
def test_processor_of_a_kind_is_there_with_the_packages_that_it_needs(
    uploaded: Mapping[str, Function], kind: Kind, tmp_path: Path
) -> None:
    [processor] = _imported_when_called(kind.process)
    assert kind.lane
    _imports(uploaded[LANES[kind.lane]], processor, tmp_path)


@pytest.mark.parametrize("name", sorted(set(_imported_when_called(signatures))))
def test_recognize_has_what_it_imports_for_files_without_a_signature_of_ours(
    uploaded: Mapping[str, Function], name: str, tmp_path: Path
) -> None:
    assert "puremagic" in name
    _imports(uploaded[RECOGNIZE], name, tmp_path)


def test_finish_starts_with_what_every_function_has(uploaded: Mapping[str, Function], tmp_path: Path) -> None:
    """It is not on the laptop; its code and its layers are those of Unpack."""
    unpack = uploaded[LANES[Lane.UNPACK]]
    assert _imports(unpack, "lambdas.file_processing.finish.handler", tmp_path) == COMMON
