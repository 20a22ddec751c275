"""Stacks of backups that their tests look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambdas.backups.contract import BackupSettings, RestoreCheckSettings
from stacks.backups.config import BackupsConfig
from stacks.config import STAGES
from tests.support.synthesis import synthesize
from tests.support.templates import Template

BACKUP, BACKUP_ROLE = "BackupsBackupFunction", "BackupsBackupRole"
CHECK, CHECK_ROLE = "BackupsRestoreCheckFunction", "BackupsRestoreCheckRole"
VAULT, STATUS, REPORTS = "BackupsVault", "BackupsStatus", "BackupsReports"

TemplateOf = Callable[[str], Template]


def configured(config: BackupsConfig, directory: Path, stage: str = "dev") -> Template:
    """The stack of a user who chose."""
    tags = replace(STAGES[stage].backups_tags, items=None, source=None)
    chosen = replace(STAGES[stage], backups=config, backups_tags=tags)
    return synthesize(chosen, directory).templates["Backups"]


def told_of_backups(template: Template) -> BackupSettings:
    """What the Backup function reads out of its environment."""
    return BackupSettings.from_env(_environment(template, BACKUP))


def told_of_checks(template: Template) -> RestoreCheckSettings:
    """What the RestoreCheck function reads out of its environment."""
    return RestoreCheckSettings.from_env(_environment(template, CHECK))


def _environment(template: Template, function: str) -> dict[str, Any]:
    variables: dict[str, Any] = template.properties(function)["Environment"]["Variables"]
    return variables
