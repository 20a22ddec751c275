"""The kinds of files there are: one module each, and a module more is a kind more."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from lambdas.file_processing.domain.processing import Kind


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, in the order in which they are asked."""
    modules = (import_module(f"lambdas.file_processing.kinds.{each.name}") for each in pkgutil.iter_modules(__path__))
    declared = sorted((module.KIND for module in modules), key=lambda kind: (kind.order, kind.name))
    return {kind.name: kind for kind in declared}
