"""The OpenAPI document that is deployed with the function."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from lambdas.web_backend.ports import Revised


class DocumentFile(Struct, frozen=True, dict=True):
    """`Document`. Read when it is asked for first, and once."""

    path: Path

    def read(self) -> Revised[str]:
        """Its revision is a digest of its bytes."""
        return self._read

    @cached_property
    def _read(self) -> Revised[str]:
        content = self.path.read_bytes()
        return Revised(content.decode(), hashlib.sha256(content).hexdigest()[:32])
