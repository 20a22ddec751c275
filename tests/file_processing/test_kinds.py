"""The kinds that there are, and what it takes to add one."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdas.file_processing import kinds as package
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Head, Input, Kind, Processed
from lambdas.file_processing.kinds import kinds
from tests.file_processing.recognizing import kind_of, mistaken

COMMON_LAYER = {"lambdas", "msgspec", "typing_extensions"}


@pytest.mark.parametrize("name", sorted(kinds()))
def test_a_kind_is_called_as_its_module(name: str) -> None:
    assert importlib.import_module(f"lambdas.file_processing.kinds.{name}").KIND.name == name


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_what_has_a_lane_has_a_processor(kind: Kind) -> None:
    assert (kind.lane is None) == (kind.process is None)


def test_one_kind_claims_everything_and_is_asked_last() -> None:
    assert list(kinds())[-1] == "unknown"
    assert kinds()["unknown"].claims(Head(data=b"", size=0))


def test_kinds_are_known_without_the_packages_of_any_lane() -> None:
    code = "import sys; old = {*sys.modules}; from lambdas.file_processing.kinds import kinds; kinds();"
    code += "print(*{name.partition('.')[0] for name in {*sys.modules} - old} - sys.stdlib_module_names)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) <= COMMON_LAYER


MODULE = '''
"""GRIB: weather in grids."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Head, Input, Kind, Processed


def is_grib(head: Head) -> bool:
    """Its four letters, and the number of its edition."""
    return head.data.startswith(b"GRIB") and head.data[7:8] in {b"\\1", b"\\2"}


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    return Processed(facts={"edition": source.path.read_bytes()[7]})


KIND = Kind(
    name="grib", media_type="application/x-grib", claims=is_grib, order=10, lane=Lane.EXTRACT, process=_process
)
'''
WEATHER = b"GRIB\0\0\0\2" + bytes(40)


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One module more in the package, as if it had been written there."""
    (tmp_path / "grib.py").write_text(textwrap.dedent(MODULE))
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    kinds.cache_clear()
    yield
    kinds.cache_clear()
    sys.modules.pop("lambdas.file_processing.kinds.grib", None)


def test_without_the_module_its_files_are_unknown() -> None:
    assert kind_of(WEATHER) == "unknown"


@pytest.mark.usefixtures("added")
def test_a_module_more_is_a_kind_more() -> None:
    assert kind_of(WEATHER) == "grib"


@pytest.mark.usefixtures("added")
def test_a_module_more_processes_its_files(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(WEATHER)
    process = kinds()["grib"].process
    assert process
    given = Input(path=path, name="in/today", kind="grib", size=len(WEATHER))
    assert process(given, tmp_path, Limits()) == Processed(facts={"edition": 2})


@pytest.mark.usefixtures("added")
def test_a_module_more_takes_nothing_from_the_others() -> None:
    assert mistaken() == {}
