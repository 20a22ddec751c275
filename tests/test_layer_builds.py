"""How layers are built: refused loudly where they could not run, built anew where they would differ."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from stacks.blocks.layer import Compiler, LayerBuildError, _compiler, _layer_hash, build_layer
from stacks.blocks.policy import LambdaTarget
from tests.support.assets import is_unchecked_hash

LAMBDA = LambdaTarget()
HERE = LambdaTarget.host()


@pytest.fixture(autouse=True)
def _only_this_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"OFFLINE": "1", "NO_CACHE": "1", "NO_INDEX": "1", "FIND_LINKS": str(tmp_path)}.items():
        monkeypatch.setenv(f"UV_{name}", value)


def _requirements(directory: Path, *, tag: str = "py3-none-any", digest: str | None = None) -> Path:
    """A requirements file that names one wheel on this disk, by a hash unless told otherwise its own."""
    wheel = directory / f"demo-1.0-{tag}.whl"
    contents = {
        "demo/__init__.py": "answer = 42\n",
        "demo/__init__.pyi": "answer: int\n",
        "demo/tests/test_demo.py": "assert True\n",
        "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        "demo-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        "demo-1.0.dist-info/licenses/LICENSE": "do as you like\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
        record = "".join(f"{name},,\n" for name in (*contents, "demo-1.0.dist-info/RECORD"))
        archive.writestr("demo-1.0.dist-info/RECORD", record)
    own = hashlib.sha256(wheel.read_bytes()).hexdigest()
    path = directory / "requirements-demo.txt"
    path.write_text(f"demo==1.0 --hash=sha256:{digest or own}\n")
    return path


def test_layer_holds_what_runs_and_its_licence_and_nothing_else(tmp_path: Path) -> None:
    build_layer(_requirements(tmp_path), LAMBDA, None, tmp_path / "out")
    built = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    names = {name for name in built if "dist-info" not in name}
    assert names == {"python/demo/__init__.py"}
    assert "python/demo-1.0.dist-info/licenses/LICENSE" in built
    assert "python/demo-1.0.dist-info/RECORD" not in built


def test_layer_is_compiled_where_a_compiler_is_at_hand(tmp_path: Path) -> None:
    build_layer(_requirements(tmp_path), HERE, _compiler(HERE.python), tmp_path / "out")
    [compiled] = (tmp_path / "out").rglob("*.pyc")
    assert is_unchecked_hash(compiled)


def test_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    requirements = _requirements(tmp_path, digest="0" * 64)
    with pytest.raises(LayerBuildError, match=r"(?s)requirements-demo\.txt .*Hash mismatch for `demo"):
        build_layer(requirements, LAMBDA, None, tmp_path / "out")


def test_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    requirements = _requirements(tmp_path)
    requirements.write_text(requirements.read_text().split(" --hash")[0])
    with pytest.raises(LayerBuildError, match=r"(?s)requirements-demo\.txt .*hash"):
        build_layer(requirements, LAMBDA, None, tmp_path / "out")


@pytest.mark.parametrize(
    "tag", ["cp313-cp313-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_aarch64", "cp313-cp313-win_amd64"]
)
def test_wheel_that_could_not_run_on_lambda_is_refused(tmp_path: Path, tag: str) -> None:
    requirements = _requirements(tmp_path, tag=tag)
    with pytest.raises(LayerBuildError, match=r"(?s)for Python 3\.13 on aarch64-manylinux_2_28: .*demo"):
        build_layer(requirements, LAMBDA, None, tmp_path / "out")


def test_source_distributions_are_not_built(tmp_path: Path) -> None:
    (tmp_path / "demo-1.0.tar.gz").write_bytes(b"")
    requirements = tmp_path / "requirements-demo.txt"
    requirements.write_text(f"demo==1.0 --hash=sha256:{hashlib.sha256(b'').hexdigest()}\n")
    with pytest.raises(LayerBuildError, match=r"demo==1\.0 has no usable wheels"):
        build_layer(requirements, LAMBDA, None, tmp_path / "out")


def test_interpreter_of_the_same_version_compiles() -> None:
    assert _compiler(HERE.python) == Compiler(sys.executable, sys.version.split()[0])


# --- a layer's hash -------------------------------------------------------------------------------------------------

COMPILER = Compiler("python", "3.13.1")


def test_same_requirements_target_and_compiler_give_the_same_layer(tmp_path: Path) -> None:
    for directory in ("here", "there"):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "requirements.txt").write_text("demo==1.0")
    hashes = {_layer_hash(path, LAMBDA, COMPILER) for path in tmp_path.rglob("requirements.txt")}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("text", "target", "compiler"),
    [
        ("demo==1.1", LAMBDA, COMPILER),
        ("demo==1.0", replace(LAMBDA, python="3.14"), COMPILER),
        ("demo==1.0", replace(LAMBDA, machine="x86_64"), COMPILER),
        ("demo==1.0", replace(LAMBDA, this_computer=True), COMPILER),
        ("demo==1.0", LAMBDA, None),
        ("demo==1.0", LAMBDA, replace(COMPILER, version="3.13.2")),
    ],
    ids=["requirements", "python", "platform", "host", "no compiler", "compiler"],
)
def test_layer_is_built_anew_when_something_in_it_would_differ(
    tmp_path: Path, text: str, target: LambdaTarget, compiler: Compiler | None
) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("demo==1.0")
    before = _layer_hash(requirements, LAMBDA, COMPILER)
    requirements.write_text(text)
    assert _layer_hash(requirements, target, compiler) != before
