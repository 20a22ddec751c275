"""The whole app: its stages, and what holds for every stack and function in them."""

from __future__ import annotations

import ast
import difflib
import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambdas.common.settings import Settings
from stacks.config import (
    STAGES,
    FileProcessingWires,
    IotBackendWires,
    LogAnalysisWires,
    WebBackendWires,
    stage_named,
)
from tests.support.synthesis import ROOT, Assembly, synthesize
from tests.support.templates import Template, as_list

Assemblies = Callable[[str], Assembly]

pytestmark = pytest.mark.xdist_group("synth")
every_stage = pytest.mark.parametrize("stage", STAGES)

SNAPSHOTS = ROOT / "tests" / "snapshots"


def test_missing_stage_fails_and_lists_the_stages() -> None:
    with pytest.raises(ValueError, match="none of local, dev, prod: choose one with -c stage=NAME"):
        stage_named(None)


@every_stage
def test_every_stage_is_composed_of_every_stack(assembly: Assemblies, stage: str) -> None:
    stacks = [
        "Backups",
        "FileProcessing",
        "ImageProcessing",
        "IotBackend",
        "LogAnalysis",
        "MobileBackend",
        "StreamAnalytics",
        "TableEtl",
        "WebBackend",
    ]
    assert sorted(assembly(stage).templates) == stacks


def test_endpoint_of_an_emulator_is_where_the_website_looks_for_it() -> None:
    stage = stage_named("local", "http://127.0.0.1:5000")
    assert stage.web_backend.emulator == "http://127.0.0.1:5000"


def test_stage_for_aws_takes_no_endpoint() -> None:
    with pytest.raises(ValueError, match=r"stage prod is deployed to AWS, .*: leave -c endpoint=http.* out"):
        stage_named("prod", "http://127.0.0.1:5000")


# --- which stack needs which ----------------------------------------------------------------------------------------

UNWIRED = WebBackendWires(pictures=False, metrics=False, shop=False)


def _needs(assembly: Assembly) -> dict[str, set[str]]:
    """Stacks that the CDK CLI deploys before each one."""
    artifacts = json.loads((assembly.directory / "manifest.json").read_text())["artifacts"]
    return {stack: set(artifacts[stack]["dependencies"]) & set(assembly.templates) for stack in assembly.templates}


@every_stage
def test_wired_stacks_bring_what_they_work_with_and_every_other_stack_is_deployed_alone(
    assembly: Assemblies, stage: str
) -> None:
    needs = _needs(assembly(stage))
    assert needs.pop("WebBackend") == {"ImageProcessing", "StreamAnalytics", "TableEtl"}
    released = {"WebBackend"} if STAGES[stage].iot_backend_wires.web_backend else set()
    assert needs.pop("IotBackend") == {"StreamAnalytics"} | released
    assert needs.pop("LogAnalysis") == ({"WebBackend"} if STAGES[stage].log_analysis_wires.web_backend else set())
    assert needs.pop("FileProcessing") == {"WebBackend"}
    assert [stack for stack, needed in needs.items() if needed] == []


def test_without_wires_every_stack_is_deployed_alone(tmp_path: Path) -> None:
    alone = replace(
        STAGES["dev"],
        web_backend_wires=UNWIRED,
        iot_backend_wires=IotBackendWires(metrics=False),
        log_analysis_wires=LogAnalysisWires(web_backend=False),
        file_processing_wires=FileProcessingWires(web_backend=False),
    )
    unwired = synthesize(alone, tmp_path)
    assert _needs(unwired) == {stack: set() for stack in unwired.templates}


# --- environment = contract -----------------------------------------------------------------------------------------


def _own_functions(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    for stack, template in assembly.templates.items():
        for name, properties in template.of_type("AWS::Lambda::Function").items():
            if properties["Handler"].startswith("lambdas."):
                yield f"{stack}/{name}", properties


def _settings_read_by(module: str) -> type[Settings]:
    """The class on which the module calls ``from_env``."""
    imported = importlib.import_module(module)
    tree = ast.parse(Path(str(imported.__file__)).read_text())
    [name] = {
        node.func.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "from_env"
        and isinstance(node.func.value, ast.Name)
    }
    found: type[Settings] = getattr(imported, name)
    return found


@every_stage
def test_every_function_names_a_handler_that_exists(assembly: Assemblies, stage: str) -> None:
    functions = dict(_own_functions(assembly(stage)))
    assert functions
    for name, properties in functions.items():
        module, _, attribute = properties["Handler"].rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute, None)), name


@every_stage
def test_environment_of_every_function_is_the_contract_that_it_reads(assembly: Assemblies, stage: str) -> None:
    for name, properties in _own_functions(assembly(stage)):
        settings = _settings_read_by(properties["Handler"].rpartition(".")[0])
        environment = properties["Environment"]["Variables"]
        assert set(environment) == settings.variables(), name
        assert settings.from_env(environment).to_env() == environment, name


# --- what holds for every stack -------------------------------------------------------------------------------------


def _statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for role in template.of_type("AWS::IAM::Role"):
        for statement in template.statements(role):
            yield role, statement


@every_stage
def test_no_policy_allows_wildcard_actions(assembly: Assemblies, stage: str) -> None:
    for template in assembly(stage).templates.values():
        assert not [each for each in _statements(template) if any("*" in action for action in each[1]["Action"])]
        assert not template.of_type("AWS::IAM::ManagedPolicy"), "statements() does not look into these"


MANAGED = {"MobileBackendRestApiAccountLogRole"}
"""API Gateway takes no role with less than its own policy, and one for all APIs of the account."""


@every_stage
def test_no_role_has_a_managed_policy(assembly: Assemblies, stage: str) -> None:
    """AWS's own grant more than a function needs: its basic execution role may write to every log group."""
    for template in assembly(stage).templates.values():
        roles = template.of_type("AWS::IAM::Role")
        assert {name for name, role in roles.items() if role.get("ManagedPolicyArns")} <= MANAGED


@every_stage
def test_logs_go_to_groups_of_the_stack_that_forget(assembly: Assemblies, stage: str) -> None:
    for template in assembly(stage).templates.values():
        groups = template.of_type("AWS::Logs::LogGroup")
        assert [name for name, group in groups.items() if not group.get("RetentionInDays")] == []
        finite = {f"${{{name}.Arn}}" for name in groups}
        for role, statement in _statements(template):
            if any(action.startswith("logs:") for action in statement["Action"]):
                assert set(as_list(statement["Resource"])) <= finite, role


# --- snapshots ------------------------------------------------------------------------------------------------------

UPDATE = "If this is what you meant: make snapshots"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_snapshot_of_every_stack(assembly: Assemblies, stage: str, pytestconfig: pytest.Config) -> None:
    differences: list[str] = []
    for stack, template in assembly(stage).templates.items():
        path, actual = SNAPSHOTS / f"{stage}.{stack}.json", template.snapshot()
        if pytestconfig.getoption("update_snapshots"):
            path.write_text(actual)
        expected = path.read_text() if path.exists() else ""
        names = (path.name, f"{stage} {stack} as synthesized")
        differences += difflib.unified_diff(expected.splitlines(), actual.splitlines(), *names, lineterm="", n=5)
    if differences:
        pytest.fail("\n".join([*differences, UPDATE]), pytrace=False)


def test_snapshots_are_of_stacks_that_there_are(assembly: Assemblies, pytestconfig: pytest.Config) -> None:
    known = {f"{stage}.{stack}.json" for stage in ("dev", "prod") for stack in assembly(stage).templates}
    left_over = [path for path in SNAPSHOTS.glob("*.json") if path.name not in known]
    if pytestconfig.getoption("update_snapshots"):
        for path in left_over:
            path.unlink()
    assert [path.name for path in left_over if path.exists()] == [], UPDATE
