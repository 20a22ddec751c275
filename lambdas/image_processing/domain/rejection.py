"""The one way in which the domain refuses an upload."""

from __future__ import annotations

from lambdas.common.tables.pictures.layout import ReasonCode


class Rejected(Exception):  # noqa: N818  a verdict on the input, not a fault of the program
    """The upload will never become renditions; it belongs in quarantine with this reason."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
