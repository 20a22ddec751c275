from __future__ import annotations

import pytest

from tests.common.http.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()
