"""Cloud assemblies of the app, as ``cdk synth`` makes them, with cdk-nag's findings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest_socket
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from stacks.compose import compose
from stacks.config import StageConfig
from tests.support.templates import Template

ROOT = Path(__file__).parents[2]

NO_BUNDLING: dict[str, list[str]] = {"aws:cdk:bundling-stacks": []}
# Else the first finding would end the synth that many tests share.
_REPORT_ONLY = {"@aws-cdk/core:failSynthOnValidationErrors": False}


@dataclass(frozen=True, order=True)
class Finding:
    """One complaint at synth: of cdk-nag, or a warning of the CDK itself."""

    construct: str
    rule: str


@dataclass(frozen=True)
class Assembly:
    """A directory as ``cdk.out``."""

    directory: Path

    @cached_property
    def raw_templates(self) -> dict[str, dict[str, Any]]:
        """Template by stack id, as CloudFormation gets it."""
        suffix = ".template.json"
        return {
            path.name.removesuffix(suffix): json.loads(path.read_text())
            for path in sorted(self.directory.glob(f"*{suffix}"))
        }

    @cached_property
    def templates(self) -> dict[str, Template]:
        """Readable template by stack id."""
        return {name: Template.of(raw) for name, raw in self.raw_templates.items()}

    @cached_property
    def findings(self) -> frozenset[Finding]:
        """What the checks at synth found and nobody acknowledged."""
        report = json.loads((self.directory / "validation-report.json").read_text())
        return frozenset(
            Finding(construct["constructPath"], violation["ruleName"])
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        )

    def asset(self, stack: str, key: str) -> Path:
        """Directory that becomes the S3 object ``key`` when the stack is deployed."""
        files = json.loads((self.directory / f"{stack}.assets.json").read_text())["files"]
        return self.directory / str(files[key.removesuffix(".zip")]["source"]["path"])


def context() -> dict[str, Any]:
    """The feature flags that the CDK CLI reads from cdk.json and hands to the app."""
    flags: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return flags


def synthesize(stage: StageConfig, directory: Path, *, bundle: bool = False) -> Assembly:
    """Synthesizes a stage with sockets blocked in this process; ``bundle`` builds the layers, too."""
    with _sockets_blocked():
        app = App(
            context=context() | _REPORT_ONLY | ({} if bundle else NO_BUNDLING),
            outdir=str(directory),
            analytics_reporting=False,
        )
        compose(app, stage)
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
        app.synth()
    return Assembly(directory)


@contextmanager
def _sockets_blocked() -> Iterator[None]:
    pytest_socket.disable_socket()
    try:
        yield
    finally:
        pytest_socket.enable_socket()
