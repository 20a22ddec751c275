"""Tables of other use cases that are backed up, by their tag alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lambdas.backups.contract import TAG
from stacks.config import STAGES, BackupsTags
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

Assemblies = Callable[[str], Assembly]


def _tagged(assembly: Assembly) -> dict[str, str]:
    """Policies by table."""
    return {
        name: tag["Value"]
        for template in assembly.templates.values()
        for name, replica in _replicas(template)
        for tag in replica.get("Tags", [])
        if tag["Key"] == TAG
    }


def _replicas(template: Template) -> list[tuple[str, dict[str, list[dict[str, str]]]]]:
    tables = template.of_type("AWS::DynamoDB::GlobalTable")
    return [(name, replica) for name, table in tables.items() for replica in table["Replicas"]]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_what_others_cannot_make_again_is_backed_up_daily(assembly: Assemblies, stage: str) -> None:
    assert _tagged(assembly(stage)) == {"WebBackendItems": "daily", "TableEtlSource": "daily"}


def test_on_the_laptop_nothing_is_but_what_somebody_tags(assembly: Assemblies) -> None:
    assert _tagged(assembly("local")) == {}


@pytest.mark.parametrize("stage", STAGES)
def test_tables_of_backups_themselves_are_not_tagged(assembly: Assemblies, stage: str) -> None:
    """Restored, the status table would tell of backups that are long deleted."""
    assert not [replica["Tags"] for _, replica in _replicas(assembly(stage).templates["Backups"]) if "Tags" in replica]


def test_users_decide_which_policy_each_table_has(tmp_path: Path) -> None:
    stage = replace(STAGES["dev"], backups_tags=BackupsTags(items="weekly", source=None))
    assert _tagged(synthesize(stage, tmp_path)) == {"WebBackendItems": "weekly"}


def test_policy_that_there_is_not_is_refused_since_nothing_would_be_backed_up(tmp_path: Path) -> None:
    stage = replace(STAGES["dev"], backups_tags=BackupsTags(items="hourly"))
    with pytest.raises(ValueError, match=r"'hourly', which is none of backups.policies, daily, weekly: .*"):
        synthesize(stage, tmp_path)
