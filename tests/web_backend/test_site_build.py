"""The website's files as they are published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site"
PACKAGES = json.loads((SITE / "package.json").read_text())["dependencies"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_licence_of_what_is_bundled_goes_along(package: str) -> None:
    licence = (ROOT / "node_modules" / package / "LICENSE").read_text()
    assert licence in (SITE / "dist" / "licences.txt").read_text()
