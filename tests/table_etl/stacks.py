"""Stacks of table ETL that its tests look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stacks.config import STAGES, WebBackendWires
from stacks.table_etl.config import TableEtlConfig
from tests.support.synthesis import synthesize
from tests.support.templates import Template

LOAD, LOAD_ROLE = "TableEtlLoadFunction", "TableEtlLoadRole"
PLAN, PLAN_ROLE = "TableEtlHistoryPlanFunction", "TableEtlHistoryPlanRole"
BACKFILL, BACKFILL_ROLE = "TableEtlHistoryBackfillFunction", "TableEtlHistoryBackfillRole"
COMPACT, COMPACT_ROLE = "TableEtlCompactionCompactFunction", "TableEtlCompactionCompactRole"
SCHEDULE_ROLE = "TableEtlCompactionScheduleRole"


def configured(config: TableEtlConfig, directory: Path) -> Template:
    """The stack of a user who chose, in stage dev; no other stack needs what was not chosen."""
    stage = replace(STAGES["dev"], table_etl=config, web_backend_wires=WebBackendWires(shop=False))
    return synthesize(stage, directory).templates["TableEtl"]


def environment(template: Template, function: str) -> dict[str, str]:
    """What a function is told."""
    variables: dict[str, str] = template.properties(function)["Environment"]["Variables"]
    return variables
