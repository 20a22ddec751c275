"""Pipelines, a module each, by name."""

from __future__ import annotations

from importlib import import_module

from lambdas.table_etl.domain.pipeline import Pipeline


def named(name: str) -> Pipeline:
    """The pipeline that a module declares.

    Raises:
        TypeError: what the module calls its pipeline is none.
    """
    declared = import_module(f"lambdas.table_etl.pipelines.{name}").PIPELINE
    if not isinstance(declared, Pipeline):
        raise TypeError(f"lambdas/table_etl/pipelines/{name}.py: PIPELINE is no Pipeline")
    return declared
