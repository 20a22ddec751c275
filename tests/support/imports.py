"""Which way imports run, and who may read the environment: the rules of the house, checked on syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

COMMON_CONTRACT = (
    "lambdas.common.settings",
    "lambdas.common.tables",
    "lambdas.common.http.metrics",
    "lambdas.common.http.routes",
)
LAYOUTS = "lambdas.common.tables.*.layout"
LINES = "lambdas.common.lines"
"""Of bytes: what domains of several slices parse."""
PURE = (
    "lambdas.common.failures",
    "lambdas.common.groups",
    "lambdas.common.http.exchange",
    "lambdas.common.http.problems",
    "lambdas.common.http.routes",
    "lambdas.common.ids",
    "lambdas.common.side_by_side",
)
"""Modules of the common library that call nobody but what they are handed, so that workflows may use them."""
PARSERS = (
    "PIL",
    "av",
    "duckdb",
    "ijson",
    "isal",
    "jsonschema_rs",
    "lxml",
    "markdown_it",
    "msgspec",
    "pillow_heif",
    "puremagic",
    "pypdf",
)
"""What domains read their input with: pure, as they are themselves."""
STUBS = ("mypy_boto3_*",)


@dataclass(frozen=True)
class Layer:
    """What the files of one layer may import, beside the standard library."""

    name: str
    internal: tuple[str, ...] = ()
    """Modules of this repository, each with all that it contains; ``*`` stands for one name."""
    packages: tuple[str, ...] = ()
    """Top-level third-party packages."""
    stubs: tuple[str, ...] = ()
    """Packages that may be imported under ``TYPE_CHECKING`` alone."""
    no_standard: tuple[str, ...] = ()
    """Parts of the standard library that it may not import."""
    passes_environment: bool = False
    """Whether ``os.environ`` may be handed, whole, to ``from_env``."""


@dataclass(frozen=True)
class Imported:
    """One imported module; ``name`` for ``from module import name``."""

    line: int
    module: str
    name: str | None = None
    for_types: bool = False


def layer_of(path: PurePosixPath) -> Layer:
    """The layer that a file belongs to by its place."""
    parts = path.with_suffix("").parts
    match parts:
        case ("app",):
            return Layer("app", ("stacks.compose", "stacks.config"), ("aws_cdk",), no_standard=("os", "subprocess"))
        case ("lambdas", "common", *rest):
            if rest == ["settings"]:
                return Layer("settings", packages=("msgspec",))
            packages = (
                "_datasketches",
                "aws_lambda_powertools",
                "boto3",
                "botocore",
                "ddsketch",
                "msgspec",
                "typing_extensions",
            )
            return Layer("common", ("lambdas.common",), packages, STUBS)
        case ("lambdas", slice_name, module, *_) if module != "__init__":
            return _function_layer(f"lambdas.{slice_name}", module)
        case ("stacks", name, *_) if name != "__init__":
            return _stack_layer(name)
        case ("tools", *_):
            parts = ("contract", "domain", "recipes", "pipelines", "kinds", "ports", "adapters")
            inside = ("tools", *(f"lambdas.*.{part}" for part in parts), "lambdas.common")
            return Layer("tools", inside, ("boto3", "botocore", "isal", "msgspec", "rich"), STUBS)
        case _:
            return Layer("package")


def _function_layer(own: str, module: str) -> Layer:
    contract, domain = f"{own}.contract", f"{own}.domain"
    declared = (f"{own}.recipes", f"{own}.pipelines", f"{own}.kinds")
    ports, workflow, adapters = f"{own}.ports", f"{own}.workflow", f"{own}.adapters"
    common, tables = "lambdas.common", "lambdas.common.tables"
    inside: tuple[str, ...]
    packages: tuple[str, ...]
    match module:
        case "contract":
            declared_by = (
                "lambdas.common.settings",
                "lambdas.common.http.models",
                "lambdas.common.http.routes",
                LAYOUTS,
            )
            return Layer("contract", (contract, *declared_by), ("msgspec",))
        case "domain":
            return Layer("domain", (contract, domain, tables, LINES), PARSERS, no_standard=("logging",))
        case "recipes" | "pipelines" | "kinds":
            inside = (contract, domain, f"{own}.{module}", tables)
            return Layer(module, inside, ("msgspec",), no_standard=("logging",))
        case "workflow":
            return Layer("workflow", (contract, domain, ports, workflow, tables, *PURE), ("msgspec",))
        case "ports":
            return Layer("ports", (contract, domain, tables, *PURE), ("msgspec",))
        case "adapters":
            inside = (contract, domain, ports, adapters, common)
            packages = ("aws_lambda_powertools", "boto3", "botocore", "duckdb", "isal", "msgspec", "tantivy", "urllib3")
            return Layer("adapters", inside, packages, STUBS)
        case _:
            inside = (contract, domain, *declared, workflow, adapters, f"{own}.ports", f"{own}.runtime", common)
            return Layer("handler", inside, ("boto3", "botocore"), STUBS, passes_environment=True)


def _stack_layer(name: str) -> Layer:
    packages = ("aws_cdk", "constructs")
    match name:
        case "compose" | "config":
            return Layer(name, ("stacks", "lambdas.*.contract", *COMMON_CONTRACT), packages)
        case "blocks":
            return Layer("blocks", ("stacks.blocks", *COMMON_CONTRACT), (*packages, "jsii", "msgspec", "uv"))
        case _:
            # A pipeline is data that construct and function read: its filter, its tables' columns.
            declared = (f"lambdas.{name}.contract", f"lambdas.{name}.pipelines", f"lambdas.{name}.domain")
            inside = (f"stacks.{name}", "stacks.blocks", *declared, *COMMON_CONTRACT)
            return Layer("stack", inside, (*packages, "msgspec"))


def violations(path: PurePosixPath, source: str) -> list[str]:
    """Each broken rule of one file, with its line."""
    layer = layer_of(path)
    tree = ast.parse(source)
    bad = [
        f"{path}:{each.line}: {layer.name} may not import {each.module}{'.' + each.name if each.name else ''}"
        for each in _imports(path, tree)
        if not _allowed(layer, each)
    ]
    if path.parts[0] in {"lambdas", "stacks", "app.py"}:
        bad += [
            f"{path}:{line}: the environment is read by Settings.from_env alone"
            for line in _environment_reads(tree, whole_is_fine=layer.passes_environment)
        ]
    return bad


def _allowed(layer: Layer, each: Imported) -> bool:
    top = each.module.split(".")[0]
    if top in sys.stdlib_module_names:
        return not _within(each, layer.no_standard)
    return _within(each, layer.internal + layer.packages + (layer.stubs if each.for_types else ()))


def _within(each: Imported, allowed: tuple[str, ...]) -> bool:
    """``from package import module`` counts as ``package.module``, too, since it may be one."""
    candidates = [each.module] + ([f"{each.module}.{each.name}"] if each.name else [])
    return any(fnmatchcase(_package(name, pattern), pattern) for name in candidates for pattern in allowed)


def _package(name: str, pattern: str) -> str:
    """The part of ``name`` that is as long as ``pattern``: a pattern allows what its packages contain."""
    return ".".join(name.split(".")[: pattern.count(".") + 1])


def _imports(path: PurePosixPath, tree: ast.Module) -> Iterator[Imported]:
    """Every import wherever it stands, relative ones resolved, ``import_module`` and ``__import__`` included."""
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
        for child in block.body
        for node in ast.walk(child)
    }
    for node in ast.walk(tree):
        types = id(node) in for_types
        match node:
            case ast.Import(names=names):
                yield from (Imported(node.lineno, alias.name, for_types=types) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = _absolute(path, module, level)
                yield from (Imported(node.lineno, base, alias.name, types) for alias in names)
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[name, *_]):
                if called in {"import_module", "__import__"}:
                    yield Imported(node.lineno, _literal_start(name))


def _absolute(path: PurePosixPath, module: str | None, level: int) -> str:
    if not level:
        return module or ""
    package = path.parts[:-level]
    return ".".join([*package, *([module] if module else [])])


def _literal_start(name: ast.expr) -> str:
    """The module that a dynamic import names, as far as it stands in the source: ``PIL.`` of an f-string."""
    match name:
        case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text.rstrip(".")
        case _:
            return "a module named at run time"


def _environment_reads(tree: ast.Module, *, whole_is_fine: bool) -> Iterator[int]:
    """Lines that touch the environment otherwise than by ``X.from_env(os.environ)``."""
    is_environment: Callable[[str], bool] = {"environ", "environb", "getenv", "getenvb", "putenv"}.__contains__
    handed_over = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "from_env"
        for argument in call.args
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if is_environment(name):
                if not (whole_is_fine and id(node) in handed_over):
                    yield node.lineno
            case ast.ImportFrom(module="os", names=names) if any(is_environment(each.name) for each in names):
                yield node.lineno
