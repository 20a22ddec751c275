"""What is uploaded for every function: code of its slice alone, and packages that run on Lambda."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App, Stack

from stacks.blocks import function as function_block
from stacks.config import STAGES
from tests.support import assets
from tests.support.assets import functions, layers
from tests.support.synthesis import ROOT, Assembly

Assemblies = Callable[[str], Assembly]

pytestmark = pytest.mark.xdist_group("assets")

LIMIT = 250 * 1024 * 1024
"""Bytes that a function and its layers may have, unpacked; Lambda's own limit."""


# --- layers for Lambda ----------------------------------------------------------------------------------------------


def test_every_wheel_in_a_lambda_layer_suits_lambda(bundled: Assemblies) -> None:
    target = STAGES["dev"].shared.target
    for layer in layers(bundled("dev")):
        wheels = assets.wheel_tags(layer)
        assert wheels
        unfit = {
            name: tags
            for name, tags in wheels.items()
            if not any(assets.fits(tag, target.python, target.machine) for tag in tags)
        }
        assert unfit == {}


def test_every_native_library_in_a_lambda_layer_is_for_arm(bundled: Assemblies) -> None:
    machines = {name: kind for layer in layers(bundled("dev")) for name, kind in assets.elf_machines(layer).items()}
    assert machines
    assert {name: kind for name, kind in machines.items() if kind != (2, assets.AARCH64)} == {}


def test_every_function_with_its_layers_fits_lambda(bundled: Assemblies) -> None:
    for function in functions(bundled("dev")):
        parts = (function.code, *function.layers)
        size = sum(path.stat().st_size for part in parts for path in assets.files(part))
        assert 1_000_000 < size < LIMIT, function.name


def test_prod_gets_the_layers_that_dev_tried() -> None:
    assert STAGES["prod"].shared.target == STAGES["dev"].shared.target


@pytest.mark.parametrize(
    ("tag", "does_fit"),
    [
        ("py3-none-any", True),
        ("cp313-cp313-manylinux_2_28_aarch64", True),
        ("cp313-cp313-manylinux2014_aarch64", True),
        ("cp39-abi3-manylinux_2_17_aarch64", True),
        ("cp313-cp313-manylinux_2_28_x86_64", False),
        ("cp313-cp313-manylinux_2_39_aarch64", False),
        ("cp313-cp313-musllinux_1_2_aarch64", False),
        ("cp312-cp312-manylinux_2_28_aarch64", False),
        ("cp314-abi3-manylinux_2_28_aarch64", False),
        ("cp313-cp313t-manylinux_2_28_aarch64", False),
        ("cp313-cp313-macosx_11_0_arm64", False),
        ("py2-none-any", False),
    ],
)
def test_judge_of_wheels_is_right(tag: str, does_fit: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert assets.fits(tag, "3.13", "aarch64") is does_fit


# --- every layer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_layers_bring_no_tests_and_no_type_stubs(bundled: Assemblies, stage: str) -> None:
    for layer in layers(bundled(stage)):
        paths = [path.relative_to(layer) for path in assets.files(layer)]
        assert [path for path in paths if path.suffix == ".pyi" or {"test", "tests"} & set(path.parts)] == []


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_layers_keep_licences_which_redistribution_asks_for(bundled: Assemblies, stage: str) -> None:
    for layer in layers(bundled(stage)):
        licensed = {path.parents[0 if path.parent.suffix == ".dist-info" else 1] for path in _licences(layer)}
        bare = [path.name for path in layer.glob("python/*.dist-info") if path not in licensed]
        assert [name for name in bare if name.partition("-")[0] not in WITHOUT_LICENCE] == []


WITHOUT_LICENCE = {"jsonschema_rs"}
"""Wheels that name their licence and leave its text out; NOTICE has it."""


def _licences(layer: Path) -> list[Path]:
    inside = [*layer.glob("python/*.dist-info/*"), *layer.glob("python/*.dist-info/licenses/*")]
    return [path for path in inside if path.is_file() and re.search("LICEN[CS]E", path.name.upper())]


def test_licences_that_wheels_leave_out_are_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text()
    assert [name for name in WITHOUT_LICENCE if f"{name} is under the MIT licence:" not in notice] == []


def test_byte_code_is_complete_and_used_whatever_the_date_of_its_source(bundled: Assemblies) -> None:
    """The CDK resets dates, so byte code that is checked against them would be compiled anew at every cold start."""
    for layer in layers(bundled("local")):
        sources = {path for path in assets.files(layer) if path.suffix == ".py"}
        compiled = {path for path in assets.files(layer) if path.suffix == ".pyc"}
        assert len(compiled) == len(sources) > 0
        assert [path for path in compiled if not assets.is_unchecked_hash(path)] == []


# --- code -----------------------------------------------------------------------------------------------------------


SHIPPED = {".py", ".json", ".graphql"}
"""Modules, and the documents that they serve."""


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_a_function_gets_its_slice_and_the_common_code_alone(bundled: Assemblies, stage: str) -> None:
    for function in functions(bundled(stage)):
        _, own, *_ = function.handler.split(".")
        shipped = {str(path.relative_to(function.code)) for path in assets.files(function.code)}
        trees = [ROOT / "lambdas" / tree for tree in ("common", own)]
        sources = [path for tree in trees for path in tree.rglob("*") if path.suffix in SHIPPED]
        assert shipped == {"lambdas/__init__.py", *(str(path.relative_to(ROOT)) for path in sources)}


@pytest.fixture
def slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small house with two slices, ``first`` and ``second``, that functions are made from."""
    for name in ("__init__", "common/settings", "first/handler", "first/domain/sizes", "second/handler"):
        path = tmp_path / "lambdas" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.setattr(function_block, "ROOT", tmp_path)
    return tmp_path / "lambdas"


def _asset_hashes(directory: Path) -> dict[str, str]:
    app = App(analytics_reporting=False, outdir=str(directory))
    hashes = {}
    for name in ("first", "second"):
        location = function_block._slice_code(name).bind(Stack(app, name)).s3_location
        assert location
        hashes[name] = location.object_key
    return hashes


@pytest.mark.parametrize(
    ("edited", "changed"),
    [
        ("first/handler.py", {"first"}),
        ("first/domain/sizes.py", {"first"}),
        ("second/new.py", {"second"}),
        ("common/settings.py", {"first", "second"}),
        ("__init__.py", {"first", "second"}),
        ("first/requirements-handler.txt", set()),
        ("requirements.txt", set()),
        ("third.py", set()),
        ("../app.py", set()),
        ("first/handler.pyc", set()),
    ],
)
def test_an_edit_deploys_only_the_functions_that_it_touches(slices: Path, edited: str, changed: set[str]) -> None:
    before = _asset_hashes(slices / "../before")
    (slices / edited).write_text("edited = True")
    after = _asset_hashes(slices / "../after")
    assert {name for name in after if after[name] != before[name]} == changed
