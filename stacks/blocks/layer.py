"""Third-party packages of functions, as layers built by uv without Docker."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsii
import uv
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling, Stack
from aws_cdk import aws_lambda as lambda_

from stacks.blocks.policy import LambdaTarget

PRUNED = ("**/tests", "**/test", "**/*.pyi", "**/__pycache__", "**/*.dist-info/RECORD", "bin", ".lock")
"""Paths in a layer that no function reads. Licence files stay: redistribution asks for them."""


class LayerBuildError(RuntimeError):
    """uv could not build a layer; its own message is part of this one."""


def layer(stack: Stack, requirements: Path, target: LambdaTarget) -> lambda_.LayerVersion:
    """The stack's layer of a hashed requirements file; built once, shared by its functions."""
    role = requirements.stem.removeprefix("requirements").strip("-") or "common"
    construct_id = "".join(part.title() for part in role.split("_")) + "Layer"
    existing = stack.node.try_find_child(construct_id)
    if isinstance(existing, lambda_.LayerVersion):
        return existing
    compiler = _compiler(target.python)
    return lambda_.LayerVersion(
        stack,
        construct_id,
        code=lambda_.Code.from_asset(
            str(requirements.parent),
            asset_hash_type=AssetHashType.CUSTOM,
            asset_hash=_layer_hash(requirements, target, compiler),
            bundling=BundlingOptions(
                image=DockerImage.from_registry("unused-because-bundling-is-local"),
                local=_UvBundling(requirements, target, compiler),
            ),
        ),
        compatible_runtimes=[target.runtime],
        compatible_architectures=[target.architecture],
        description=f"Packages of {requirements.name}",
    )


@dataclass(frozen=True)
class Compiler:
    """An interpreter of the target's version, and its exact version, which byte code depends on."""

    path: str
    version: str


@cache
def _compiler(python: str) -> Compiler | None:
    """An interpreter of this version on this computer, this one if it fits; None where there is none."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Compiler(sys.executable, platform.python_version())
    found = _uv("python", "list", "--only-installed", "--output-format", "json", python)
    if found.returncode:
        raise LayerBuildError(f"cannot list Python interpreters: {found.stderr}")
    interpreters = json.loads(found.stdout)
    return Compiler(interpreters[0]["path"], interpreters[0]["version"]) if interpreters else None


def _layer_hash(requirements: Path, target: LambdaTarget, compiler: Compiler | None) -> str:
    """The default source hash would miss a change of target, and of the interpreter that compiles the byte code."""
    host = target.platform or f"{platform.system()}-{platform.machine()}"
    parts = (requirements.read_text(), target.python, host, compiler.version if compiler else "", *PRUNED)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@jsii.implements(ILocalBundling)
class _UvBundling:
    """Installs wheels for the target into a layer's directory."""

    def __init__(self, requirements: Path, target: LambdaTarget, compiler: Compiler | None) -> None:
        self._requirements = requirements
        self._target = target
        self._compiler = compiler

    def try_bundle(self, output_dir: str, *_: Any, **__: Any) -> bool:
        """Fills ``output_dir``. Raises LayerBuildError instead of falling back to Docker."""
        build_layer(self._requirements, self._target, self._compiler, Path(output_dir))
        return True


def build_layer(requirements: Path, target: LambdaTarget, compiler: Compiler | None, output: Path) -> None:
    """Installs, prunes and compiles a layer's packages under ``output/python``.

    Raises:
        LayerBuildError: a package has no wheel for the target, or its hash differs.
    """
    site = output / "python"
    arguments = ["--target", str(site), "--python-version", target.python, "--only-binary", ":all:", "--no-deps"]
    if target.platform:
        arguments += ["--python-platform", target.platform]
    result = _uv("pip", "install", "--quiet", *arguments, "--require-hashes", "-r", str(requirements))
    if result.returncode:
        raise LayerBuildError(f"{requirements.name} for Python {target.python} on {target.platform}: {result.stderr}")
    for pattern in PRUNED:
        for path in sorted(site.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if compiler:
        # CDK resets file dates, so byte code that is checked against its source's date would be ignored on Lambda.
        compile_all = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", str(site)]
        subprocess.run([compiler.path, *compile_all], check=True)


def _uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
