"""The one way in which the domain refuses a message."""

from __future__ import annotations

from lambdas.iot_backend.contract.messages import ReasonCode


class Rejected(Exception):  # noqa: N818  a verdict on the input, not a fault of the program
    """It will never be taken as it is; it belongs in quarantine with this reason."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
