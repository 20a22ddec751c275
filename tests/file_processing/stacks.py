"""Stacks of file processing that its tests look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lambdas.file_processing.contract import Lane
from stacks.config import STAGES, FileProcessingWires, WebBackendWires
from stacks.file_processing.config import FileProcessingConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

TemplateOf = Callable[[str], Template]

RECOGNIZE, RECOGNIZE_ROLE = "FileProcessingRecognizeFunction", "FileProcessingRecognizeRole"
FINISH, FINISH_ROLE = "FileProcessingFinishHandlerFunction", "FileProcessingFinishHandlerRole"
INDEX, INDEX_ROLE = "FileProcessingIndexHandlerFunction", "FileProcessingIndexHandlerRole"
SEARCH, SEARCH_ROLE = "FileProcessingSearchHandlerFunction", "FileProcessingSearchHandlerRole"
LANES = {lane: f"FileProcessing{lane.title()}HandlerFunction" for lane in Lane}
LANE_ROLES = {lane: f"FileProcessing{lane.title()}HandlerRole" for lane in Lane}
LANE_QUEUES = {lane: f"FileProcessing{lane.title()}Queue" for lane in Lane}

INBOX, PRODUCTS, QUARANTINE = (f"FileProcessingStores{name}" for name in ("Inbox", "Products", "Quarantine"))
CATALOG, METRICS = "FileProcessingStoresCatalog", "FileProcessingStoresMetrics"
FAILURES, ARRIVALS = "FileProcessingFailures", "FileProcessingArrivals"
INDEX_QUEUE, INDEX_FAILURES = "FileProcessingIndexQueue", "FileProcessingIndexFailures"

HERE = "${AWS::Region}:${AWS::AccountId}"
AS_IT_COMES = FileProcessingConfig()


def configured(directory: Path, config: FileProcessingConfig = AS_IT_COMES, *, web_backend: bool = False) -> Assembly:
    """Stage dev of a user who chose, with this wire alone."""
    stage = replace(
        STAGES["dev"],
        file_processing=config,
        file_processing_wires=FileProcessingWires(web_backend=web_backend),
        web_backend_wires=WebBackendWires(pictures=False, metrics=False, shop=False),
    )
    return synthesize(stage, directory)


def environment(template: Template, function: str) -> dict[str, str]:
    """What a function is told."""
    variables: dict[str, str] = template.properties(function)["Environment"]["Variables"]
    return variables
