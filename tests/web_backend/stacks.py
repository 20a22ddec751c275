"""Stacks of the web backend that its tests look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stacks.config import STAGES, WebBackendWires
from stacks.web_backend.config import WebBackendConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

TemplateOf = Callable[[str], Template]

FUNCTION, ROLE = "WebBackendApiFunction", "WebBackendApiRole"
ITEMS, POOL, CLIENT = "WebBackendItems", "WebBackendUsersPool", "WebBackendUsersPoolClient"
SITE, DISTRIBUTION = "WebBackendWebsiteBucket", "WebBackendWebsiteDistribution"
API = "WebBackendHttpApi"

ALONE = WebBackendWires(pictures=False, metrics=False, shop=False)


def configured(config: WebBackendConfig, directory: Path) -> Template:
    """The stack of a user who chose, in stage dev, with nothing wired."""
    stage = replace(STAGES["dev"], web_backend=config, web_backend_wires=ALONE)
    return synthesize(stage, directory).templates["WebBackend"]


def wired(directory: Path, **wires: bool) -> Assembly:
    """Stage dev, with these wires alone."""
    return synthesize(replace(STAGES["dev"], web_backend_wires=replace(ALONE, **wires)), directory)


def only(template: Template, kind: str) -> dict[str, Any]:
    """Properties of the one resource of this type."""
    [properties] = template.of_type(kind).values()
    return properties


def route_keys(template: Template) -> dict[str, dict[str, Any]]:
    """Routes of the gateway, by their keys."""
    return {each["RouteKey"]: each for each in template.of_type("AWS::ApiGatewayV2::Route").values()}


def distribution(template: Template) -> dict[str, Any]:
    """How CloudFront is configured."""
    found: dict[str, Any] = template.properties(DISTRIBUTION)["DistributionConfig"]
    return found


def behaviors(template: Template) -> dict[str, dict[str, Any]]:
    """How CloudFront treats paths, by their pattern."""
    config = distribution(template)
    return {"*": config["DefaultCacheBehavior"]} | {each["PathPattern"]: each for each in config["CacheBehaviors"]}
