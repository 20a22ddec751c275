"""A real browser to play renditions in."""

from __future__ import annotations

from tests.web_backend.browser.conftest import browser

# Fixtures are found by their names here.
__all__ = ["browser"]
