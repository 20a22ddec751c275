"""What is uploaded for a function: its code, its layers, and what is in them."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support.synthesis import Assembly

OFFERED_BY_LAMBDA = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""What functions find on Lambda without bringing it."""

AARCH64 = 183
"""``e_machine`` of 64-bit Arm in an ELF header."""

_IMPORT = """
import importlib, json, sys
module, _, attribute = sys.argv[1].rpartition(".")
sys.path += sys.argv[2:]
callable(getattr(importlib.import_module(module), attribute)) or sys.exit(f"{sys.argv[1]} is no function")
print(json.dumps(sorted(set(sys.modules))))
"""


@dataclass(frozen=True)
class Function:
    """A function of the app as it is uploaded."""

    name: str
    handler: str
    code: Path
    layers: tuple[Path, ...]


def functions(assembly: Assembly) -> Iterator[Function]:
    """Every function whose code is in this repository."""
    for stack, template in assembly.raw_templates.items():
        resources: dict[str, Any] = template["Resources"]
        readable = assembly.templates[stack].resources
        for (_, resource), name in zip(resources.items(), readable, strict=True):
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Lambda::Function" and properties["Handler"].startswith("lambdas."):
                keys = [resources[each["Ref"]]["Properties"]["Content"]["S3Key"] for each in properties["Layers"]]
                yield Function(
                    name=name,
                    handler=properties["Handler"],
                    code=assembly.asset(stack, properties["Code"]["S3Key"]),
                    layers=tuple(assembly.asset(stack, key) for key in keys),
                )


def layers(assembly: Assembly) -> set[Path]:
    """Every layer of every function."""
    return {layer for function in functions(assembly) for layer in function.layers}


def modules_imported_by(function: Function, directory: Path) -> list[str]:
    """Imports the handler where nothing is but the standard library, the function's own assets and Lambda's offers."""
    for name in OFFERED_BY_LAMBDA:
        spec = find_spec(name)
        assert spec is not None
        origin = Path(str(spec.origin))
        source = origin.parent if spec.submodule_search_locations else origin
        (directory / source.name).symlink_to(source)
    paths = [function.code, *(layer / "python" for layer in function.layers), directory]
    command = [sys.executable, "-I", "-S", "-B", "-c", _IMPORT, function.handler, *map(str, paths)]
    completed = subprocess.run(command, env={}, cwd=directory, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    modules: list[str] = json.loads(completed.stdout)
    return modules


def third_party(modules: list[str]) -> set[str]:
    """Top-level packages that are not the standard library's."""
    return {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names) - {"__main__", "__mp_main__"}


def elf_machines(layer: Path) -> dict[str, tuple[int, int]]:
    """ELF class (2 is 64 bits) and machine of each native library in a layer, whatever it is called."""
    machines = {}
    for path in files(layer):
        with path.open("rb") as file:
            header = file.read(20)
        if header.startswith(b"\x7fELF"):
            order = "<" if header[5] == 1 else ">"
            machines[str(path.relative_to(layer))] = (header[4], struct.unpack(f"{order}H", header[18:20])[0])
    return machines


def wheel_tags(layer: Path) -> dict[str, list[str]]:
    """Compatibility tags of each distribution in a layer."""
    return {
        path.parent.name: re.findall(r"^Tag: (\S+)$", path.read_text(), re.MULTILINE)
        for path in layer.glob("python/*.dist-info/WHEEL")
    }


def fits(tag: str, python: str, machine: str) -> bool:
    """Whether a wheel's tag suits Lambda: its CPython or a stable ABI, its machine, and glibc 2.34 of Amazon Linux."""
    interpreter, abi, platform = tag.split("-")
    minor = int(python.removeprefix("3."))
    stable = abi == "abi3" and interpreter.startswith("cp3") and int(interpreter.removeprefix("cp3")) <= minor
    pure = abi == "none" and interpreter in {"py3", f"py3{minor}", f"cp3{minor}"}
    if not (stable or pure or interpreter == abi == f"cp3{minor}"):
        return False
    glibc = re.fullmatch(rf"manylinux_2_(\d+)_{machine}", platform)
    return platform in {"any", f"manylinux2014_{machine}"} or (glibc is not None and int(glibc[1]) <= 34)


def is_unchecked_hash(compiled: Path) -> bool:
    """Whether byte code is used whatever its source's date (PEP 552): flags 0b01, hash-based and never checked."""
    (flags,) = struct.unpack("<I", compiled.read_bytes()[4:8])
    return bool(flags == 0b01)


def files(directory: Path) -> Iterator[Path]:
    """Every file below a directory."""
    return (path for path in sorted(directory.rglob("*")) if path.is_file())
