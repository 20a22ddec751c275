"""The website's types are those of the contract, so that its type checker sees where the two part."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lambdas.iot_backend.contract.routes import ROUTES as IOT_BACKEND
from lambdas.web_backend.contract.routes import ROUTES as WEB_BACKEND
from tests.support.typescript import interfaces

MODELS = Path(__file__).parents[2] / "site" / "src" / "api" / "models.ts"


def test_the_website_has_the_models_of_the_contract_as_a_snapshot(pytestconfig: pytest.Config) -> None:
    """Of the routes that other use cases add to the same API, too."""
    routes = [*WEB_BACKEND, *IOT_BACKEND]
    spoken = [model for route in routes for model in (route.body if route.takes_body else None, route.answer)]
    expected = interfaces(each for each in spoken if isinstance(each, type) and issubclass(each, msgspec.Struct))
    if pytestconfig.getoption("update_snapshots"):
        MODELS.write_text(expected)
    assert MODELS.read_text() == expected, "see what changed with: make snapshots, git diff"
