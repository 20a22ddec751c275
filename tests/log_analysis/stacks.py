"""Stacks of log analysis that its tests look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack

from stacks.config import STAGES
from stacks.log_analysis.config import LogAnalysisConfig
from stacks.log_analysis.construct import LogAnalysis
from tests.support.synthesis import synthesize
from tests.support.templates import Template

ANALYZE, ROLE, LOGS = "LogAnalysisAnalyzeFunction", "LogAnalysisAnalyzeRole", "LogAnalysisAnalyzeLogs"

TemplateOf = Callable[[str], Template]


def configured(config: LogAnalysisConfig, directory: Path) -> Template:
    """The stack of a user who chose, in stage dev."""
    return synthesize(replace(STAGES["dev"], log_analysis=config), directory).templates["LogAnalysis"]


def alone(**fields: Any) -> LogAnalysis:
    """In an app of its own."""
    return LogAnalysis(Stack(App(), "Logs"), "LogAnalysis", LogAnalysisConfig(**fields), STAGES["dev"].shared)
