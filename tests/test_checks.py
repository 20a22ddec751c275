"""Security and syntax of the templates: cdk-nag and cfn-lint have nothing to say that is not answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Acknowledgment
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from constructs import IConstruct

from stacks.blocks import nag
from stacks.config import STAGES, StageConfig
from tests.support.synthesis import Assembly, Finding, synthesize

Assemblies = Callable[[str], Assembly]

pytestmark = pytest.mark.xdist_group("synth")
every_stage = pytest.mark.parametrize("stage", STAGES)

MAILING = replace(STAGES["prod"], shared=replace(STAGES["prod"].shared, alarm_email="alarms@example.com"))
"""Stages have no address of their own, but users will have one."""

# The CDK makes each function depend on its role and on the role's policy, in so many words; only the latter is needed.
WRONG_ABOUT_THE_CDK = ["W3005"]


@every_stage
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(assembly: Assemblies, stage: str) -> None:
    assert assembly(stage).findings == set()


def test_cdk_nag_finds_nothing_that_is_not_acknowledged_where_alarms_are_mailed(tmp_path: Path) -> None:
    assert synthesize(MAILING, tmp_path).findings == set()


class Acknowledgments:
    """Stands in for the CDK's: remembers acknowledgements instead of making them."""

    def __init__(self) -> None:
        self.reasons: dict[Finding, str] = {}

    def of(self, construct: IConstruct) -> Any:
        """What ``Validations.of`` gives, as far as acknowledgements need it."""
        reasons = self.reasons

        class Recorder:
            def acknowledge(self, *acknowledgments: Acknowledgment) -> None:
                for each in acknowledgments:
                    reasons[Finding(construct.node.path, each.id)] = each.reason

        return Recorder()


def test_no_acknowledgement_is_dead_or_without_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recorder = Acknowledgments()
    monkeypatch.setattr(nag, "Validations", recorder)
    stages: dict[str, StageConfig] = {**STAGES, "mailing": MAILING}
    findings = {each for name, config in stages.items() for each in synthesize(config, tmp_path / name).findings}
    assert findings, "without acknowledgements there should be findings, or these tests test nothing"
    dead = {each for each in recorder.reasons if not any(_answers(each, finding) for finding in findings)}
    assert dead == set()
    assert {each for each, reason in recorder.reasons.items() if len(reason.split()) < 5} == set()


def _answers(acknowledged: Finding, finding: Finding) -> bool:
    inside = f"{finding.construct}/".startswith(f"{acknowledged.construct}/")
    return inside and finding.rule == acknowledged.rule


@every_stage
def test_cfn_lint_finds_nothing(assembly: Assemblies, stage: str) -> None:
    for name, template in assembly(stage).raw_templates.items():
        matches = lint(json.dumps(template), config=ManualArgs(ignore_checks=WRONG_ABOUT_THE_CDK))
        assert [f"{name}: {match.rule.id} {match.message} at {match.path}" for match in matches] == []
