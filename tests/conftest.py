"""What all tests share: no real AWS account in reach, and one synth of each stage."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.cloud import Cloud
    from tests.support.synthesis import Assembly

# Before anything imports boto3 or the CDK: what the user's shell knows of AWS must not reach a test.
_OF_THE_SHELL = ("AWS_", "CDK_DEFAULT_", "CDK_CONTEXT_JSON", "CDK_OUTDIR")
for _name in [name for name in os.environ if name.startswith(_OF_THE_SHELL)]:
    del os.environ[_name]
os.environ |= {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # Of the checks at synth this leaves out the CDK's own, which take 8 seconds a stage; cdk-nag still runs.
    "CDK_VALIDATION": "false",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
}
# As the Makefile has it; unpacking the CDK anew takes longer than a synth.
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(Path(__file__).parents[1] / "build" / "jsii"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="write tests/snapshots anew")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once what was skipped for which reason, which ``-q`` keeps to itself."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} not run. {reason}")


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Assembly]:
    """``assembly("dev")``: that stage's cloud assembly without bundled layers, synthesized once.

    Tests that use it carry ``xdist_group("synth")``, so that one worker makes all of them.
    """
    return _synthesized_once(tmp_path_factory, bundle=False)


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Assembly]:
    """As ``assembly``, with layers; tests that use it carry ``xdist_group("assets")``."""
    return _synthesized_once(tmp_path_factory, bundle=True)


@pytest.fixture(scope="session")
def laptop_cloud() -> Iterator[Cloud]:
    """The emulator with every stack deployed; tests that use it carry ``xdist_group("laptop cloud")``."""
    from local import cloud

    with cloud.laptop_cloud() as deployed:
        deployed.deploy()
        yield deployed


def _synthesized_once(directories: pytest.TempPathFactory, *, bundle: bool) -> Callable[[str], Assembly]:
    from stacks.config import stage_named  # workers that synthesize nothing need no Node process
    from tests.support.synthesis import synthesize

    @cache
    def of_stage(name: str) -> Assembly:
        return synthesize(stage_named(name), directories.mktemp(f"cdk-{name}"), bundle=bundle)

    return of_stage
