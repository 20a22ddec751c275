"""Stacks of the mobile backend that its tests look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stacks.config import STAGES
from stacks.mobile_backend.config import MobileBackendConfig
from tests.support.synthesis import synthesize
from tests.support.templates import Template

API, API_ROLE = "MobileBackendApiFunction", "MobileBackendApiRole"
PUSH, PUSH_ROLE = "MobileBackendPushHandlerFunction", "MobileBackendPushHandlerRole"
DIGEST, DIGEST_ROLE = "MobileBackendDigestHandlerFunction", "MobileBackendDigestHandlerRole"
AUDIT, AUDIT_ROLE = "MobileBackendAuditHandlerFunction", "MobileBackendAuditHandlerRole"
GRAPHQL, GRAPHQL_ROLE = "MobileBackendGraphqlHandlerFunction", "MobileBackendGraphqlHandlerRole"

CONSUMERS = {"Push": PUSH, "Digest": DIGEST, "Audit": AUDIT}


def configured(config: MobileBackendConfig, directory: Path) -> Template:
    """The stack of a user who chose, in stage dev."""
    return synthesize(replace(STAGES["dev"], mobile_backend=config), directory).templates["MobileBackend"]


def environment(template: Template, function: str) -> dict[str, str]:
    """What a function is told."""
    variables: dict[str, str] = template.properties(function)["Environment"]["Variables"]
    return variables
